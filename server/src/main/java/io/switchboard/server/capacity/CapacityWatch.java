package io.switchboard.server.capacity;

import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Warns before the connections are as many as can be: once, and again only after they had become fewer. One thread. */
public final class CapacityWatch {
    private static final double WARN_AT = 0.8;
    private static final double QUIET_BELOW = 0.7;

    private final Supplier<Capacity> capacity;
    private final Consumer<String> warning;
    private boolean warned;

    /** @param warning takes a sentence for the operator, with what to raise */
    public CapacityWatch(Supplier<Capacity> capacity, Consumer<String> warning) {
        this.capacity = capacity;
        this.warning = warning;
    }

    /** Looks how things stand; every few seconds is enough. */
    public void look() {
        Capacity now = capacity.get();
        if (now.used() < QUIET_BELOW) {
            warned = false;
        } else if (now.used() >= WARN_AT && !warned) {
            warned = true;
            warning.accept(sentence(now));
        }
    }

    private static String sentence(Capacity now) {
        Limit nearest = now.nearest();
        return String.format(
                Locale.ROOT,
                "%,d connections are open, %.0f %% of the %,d that %s. %s",
                now.open(),
                100 * now.used(),
                now.smallest(),
                nearest.told(),
                nearest.advice());
    }
}
