package io.switchboard.core.figures;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** All that one server counts about channels, readers and its store. Any thread. */
public final class Figures {
    /** What came of an append. */
    public enum Appended {
        STORED,
        DUPLICATE,
        CLOSED,
        NOT_FOUND,
        WRONG_TYPE,
        OUT_OF_SEQUENCE,
        TOO_MANY_PRODUCERS,
        TOO_FAST,
        FAILED
    }

    private final LongSupplier nanoClock;
    private final Map<Appended, Counter> appends = new EnumMap<>(Appended.class);

    /** Messages and bytes of payload that were stored. */
    public final Counter messagesIn = new Counter();

    public final Counter bytesIn = new Counter();

    /** Messages and bytes of payload that live readers were given; each reader counts. */
    public final Counter messagesOut = new Counter();

    public final Counter bytesOut = new Counter();

    /** From an append's arrival to its answer. */
    public final Durations appending = new Durations();

    /** From a message's commit to its way into the sockets of a loop's live readers, to the millisecond. */
    public final Durations delivery = new Durations();

    /** From the beginning of a commit to the store to its end. */
    public final Durations commits = new Durations();

    /** From the beginning of a sync of the store to its end. */
    public final Durations syncs = new Durations();

    /** From a question to a store on another machine to its answer. */
    public final Durations roundTrips = new Durations();

    /** From this node's asking for an append to hearing the call of it, of channels that it follows. */
    public final Durations calls = new Durations();

    /** Times the readers of a loop were loaded messages of which no call had come. */
    public final Counter holes = new Counter();

    /** Readers on all loops; those of them whose client does not keep up. */
    public final Counter readers = new Counter();

    public final Counter lagging = new Counter();

    /** Times a lagging reader had room again; times a reader was told that messages are gone. */
    public final Counter recoveries = new Counter();

    public final Counter gaps = new Counter();

    /** @param nanoClock as {@link System#nanoTime} */
    public Figures(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        for (Appended outcome : Appended.values()) appends.put(outcome, new Counter());
    }

    /** Figures that nobody looks at and no time passes in. */
    public static Figures unseen() {
        return new Figures(() -> 0);
    }

    public long nanos() {
        return nanoClock.getAsLong();
    }

    /** @param begun as {@link #nanos} was then */
    public void since(long begun, Durations durations) {
        durations.record(nanoClock.getAsLong() - begun, TimeUnit.NANOSECONDS);
    }

    public Map<Appended, Counter> appends() {
        return Map.copyOf(appends);
    }

    /** An append was answered; its messages and bytes count as in if they were stored. */
    public void appended(Appended outcome, long messages, long bytes) {
        Counter counter = appends.get(outcome);
        if (counter != null) counter.increment();
        if (outcome == Appended.STORED) {
            messagesIn.add(messages);
            bytesIn.add(bytes);
        }
    }
}
