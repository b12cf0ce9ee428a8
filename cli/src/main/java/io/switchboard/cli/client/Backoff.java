package io.switchboard.cli.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to stay away after a connection was lost: any time up to a bound (full jitter), which is 1 s at first
 * and doubles to 30 s. So clients that were cut off together do not come back together (spec/protocol.md, section 5).
 */
final class Backoff {
    private static final long FIRST_MILLIS = 1_000;
    private static final long LAST_MILLIS = 30_000;

    private final RandomGenerator random;
    private long boundMillis = FIRST_MILLIS;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    Duration next() {
        long millis = random.nextLong(boundMillis + 1);
        boundMillis = Math.min(LAST_MILLIS, boundMillis * 2);
        return Duration.ofMillis(millis);
    }

    /** A connection held: the next loss is a first one. */
    void reset() {
        boundMillis = FIRST_MILLIS;
    }
}
