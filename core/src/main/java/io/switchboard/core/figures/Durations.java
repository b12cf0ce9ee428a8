package io.switchboard.core.figures;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * How long something took, many times over: how often it stayed within each of a row of bounds. Any thread records,
 * without waiting for others.
 */
public final class Durations {
    private static final long[] BOUNDS_MICROS = {
        100,
        250,
        500,
        1_000,
        2_500,
        5_000,
        10_000,
        25_000,
        50_000,
        100_000,
        250_000,
        500_000,
        1_000_000,
        2_500_000,
        5_000_000,
        10_000_000
    };

    private final LongAdder[] counts = new LongAdder[BOUNDS_MICROS.length + 1];
    private final LongAdder nanos = new LongAdder();

    public Durations() {
        for (int i = 0; i < counts.length; i++) counts[i] = new LongAdder();
    }

    /** @param took less than 0, by a clock that was set back, counts as 0 */
    public void record(long took, TimeUnit unit) {
        long micros = unit.toMicros(Math.max(0, took));
        int i = 0;
        while (i < BOUNDS_MICROS.length && micros > BOUNDS_MICROS[i]) i++;
        counts[i].increment();
        nanos.add(unit.toNanos(Math.max(0, took)));
    }

    /** Upper bounds in seconds, inclusive, in rising order; what is above the last has a count of its own. */
    public static double[] boundsSeconds() {
        double[] bounds = new double[BOUNDS_MICROS.length];
        for (int i = 0; i < bounds.length; i++) bounds[i] = BOUNDS_MICROS[i] / 1e6;
        return bounds;
    }

    /** How many were within each bound and above the one before; the last one is of those above all bounds. */
    public long[] counts() {
        long[] now = new long[counts.length];
        for (int i = 0; i < now.length; i++) now[i] = counts[i].sum();
        return now;
    }

    public double sumSeconds() {
        return nanos.sum() / 1e9;
    }
}
