package io.switchboard.client;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Keeps a rate where the transport does not: gives the newest, and counts what was left out. On the loop. */
final class Pace {
    private final Loop loop;
    private final long everyMillis;
    private final Consumer<Message> to;
    private @Nullable Message held;
    private Loop.@Nullable Timer timer;
    private long skipped;
    private long nextMillis = Long.MIN_VALUE;

    /** @param rate messages a second, above 0 */
    Pace(Loop loop, double rate, Consumer<Message> to) {
        this.loop = loop;
        this.everyMillis = Math.round(1_000 / rate);
        this.to = to;
    }

    void take(Message message) {
        if (held != null) skipped += 1 + held.skipped();
        held = message;
        long now = loop.nowMillis();
        if (now >= nextMillis) flush();
        else if (timer == null) timer = loop.after(nextMillis - now, this::flush);
    }

    /** What is held is given now. */
    void flush() {
        if (timer != null) timer.cancel();
        timer = null;
        Message newest = held;
        held = null;
        if (newest == null) return;
        nextMillis = loop.nowMillis() + everyMillis;
        long left = skipped;
        skipped = 0;
        to.accept(newest.skipping(left));
    }
}
