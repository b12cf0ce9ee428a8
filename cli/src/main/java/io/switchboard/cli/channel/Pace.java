package io.switchboard.cli.channel;

import java.time.Duration;

/**
 * Lets so many messages a second through. An answer that took long is made up for, a time without messages is not:
 * what comes after it is no burst. One thread.
 */
final class Pace {
    private final Time time;
    private final long everyNanos; // 0: as fast as it goes
    private long dueNanos;

    /** @param perSecond 0 for no limit */
    Pace(Time time, double perSecond) {
        this.time = time;
        this.everyNanos = perSecond <= 0 ? 0 : Math.max(1, Math.round(1e9 / perSecond));
        this.dueNanos = time.nanos();
    }

    /** There was nothing to send until now. */
    void idled() {
        if (time.nanos() - dueNanos > 0) dueNanos = time.nanos();
    }

    /** Blocks until a message may go. */
    void await() throws InterruptedException {
        while (!isDue()) time.pause(Duration.ofNanos(dueNanos - time.nanos()));
    }

    boolean isDue() {
        return everyNanos == 0 || time.nanos() - dueNanos >= 0;
    }

    /** A message goes. */
    void spend() {
        dueNanos += everyNanos;
    }
}
