package io.switchboard.store.redis;

import io.switchboard.core.channel.Lineage;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Numbers of generations. A new one is the moment in microseconds by the server's clock, and greater than any that this
 * node has met: the clocks of two servers, one after the other, need not agree to the microsecond. Any thread.
 */
final class Generations {
    private final AtomicLong newest = new AtomicLong();

    void seen(long generation) {
        newest.accumulateAndGet(generation, Math::max);
    }

    void seen(Lineage lineage) {
        seen(lineage.newest());
    }

    /** The greatest that this node has met; 0 before the first. */
    long newest() {
        return newest.get();
    }

    /** One that nobody has seen. */
    long next(long micros) {
        return newest.updateAndGet(known -> Math.max(known + 1, micros));
    }
}
