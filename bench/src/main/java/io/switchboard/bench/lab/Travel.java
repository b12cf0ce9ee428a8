package io.switchboard.bench.lab;

import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * When bytes that are sent in one direction of a connection arrive. TCP hides losses: what is lost is sent again, and all
 * that was sent behind it waits, so to whoever reads a loss is a pause. The pause is that of a sender with nothing else
 * under way, who notices only by its clock (RFC 6298): a round trip and {@value #PATIENCE_MILLIS} ms, doubled each time the
 * same segment is lost again. One thread.
 */
final class Travel {
    /** What an Ethernet carries of a connection in one packet. */
    static final int SEGMENT_BYTES = 1_448;

    /** The least that Linux waits for an acknowledgement before it sends again. */
    static final long PATIENCE_MILLIS = 200;

    /** Lost more often in a row, a segment gets through all the same. */
    static final int LOST_MAX = 6;

    private static final long NANOS = 1_000_000;

    private final Supplier<Conditions> conditions;
    private final DoubleSupplier dice;
    private long last = Long.MIN_VALUE;

    /** @param dice from 0 up to 1 */
    Travel(Supplier<Conditions> conditions, DoubleSupplier dice) {
        this.conditions = conditions;
        this.dice = dice;
    }

    /**
     * When bytes arrive; never before those sent earlier.
     *
     * @param now when they are sent, by a clock in nanoseconds
     * @param extraMillis that pass before they set out
     */
    long arrival(int bytes, long now, long extraMillis) {
        Conditions network = conditions.get();
        long stall = 0;
        for (int left = bytes; left > 0; left -= SEGMENT_BYTES) stall = Math.max(stall, stallMillis(network));
        long at = now + (extraMillis + stall) * NANOS + network.delayMillis() * (NANOS / 2);
        last = last == Long.MIN_VALUE ? at : Math.max(last, at);
        return last;
    }

    private long stallMillis(Conditions network) {
        if (network.lossPercent() == 0) return 0;
        long wait = network.delayMillis() + PATIENCE_MILLIS;
        long stall = 0;
        for (int lost = 0; lost < LOST_MAX && dice.getAsDouble() * 100 < network.lossPercent(); lost++) {
            stall += wait;
            wait *= 2;
        }
        return stall;
    }
}
