package io.switchboard.cli.channel;

import java.time.Duration;

/** A clock, and the way to wait on it; an argument, so that tests need not wait. Any thread. */
public interface Time {
    /** The machine's own. */
    Time REAL = new Time() {
        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public void pause(Duration duration) throws InterruptedException {
            Thread.sleep(duration);
        }
    };

    /** Nanoseconds since some moment. */
    long nanos();

    /** Blocks for so long; not at all if that is not positive. */
    void pause(Duration duration) throws InterruptedException;
}
