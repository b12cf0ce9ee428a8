package io.switchboard.bench;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

/**
 * When the pollers of a lane ask next: each at a place of its own in the interval, so that however many there are, they never
 * ask in step. One timer for all. The thread of the lane, but for {@link #phase}.
 */
final class Polls {
    /** Steps of this part of a whole fall evenly, however many there are (the golden section). */
    private static final double STEP = 0.618033988749895;

    private final Lane lane;
    private final long everyNanos;
    private final PriorityQueue<Due> waiting =
            new PriorityQueue<>(Comparator.comparingLong(Due::atNanos)); // at most the connections of the lane
    private long scheduledNanos = Long.MAX_VALUE;
    private int given; // the thread that opens

    Polls(Lane lane, double everySeconds) {
        this.lane = lane;
        this.everyNanos = (long) (everySeconds * 1e9);
    }

    private record Due(PollReader reader, long atNanos) {}

    /** A place in the interval for one more reader, in nanoseconds from its beginning. The thread that opens. */
    long phase() {
        double place = given++ * STEP;
        return (long) ((place - Math.floor(place)) * everyNanos);
    }

    /** Has it ask when its place comes next. An answer that took longer than the interval leaves a turn out. */
    void later(PollReader reader, long phaseNanos, long now) {
        waiting.add(new Due(reader, next(now, phaseNanos, everyNanos)));
        schedule(now);
    }

    /** The first moment after now that is at this place of an interval. */
    static long next(long now, long phaseNanos, long everyNanos) {
        return now + everyNanos - Math.floorMod(now - phaseNanos, everyNanos);
    }

    private void schedule(long now) {
        Due first = waiting.peek();
        if (first == null || first.atNanos() >= scheduledNanos) return;
        scheduledNanos = first.atNanos();
        lane.eventLoop.schedule(this::run, Math.max(0, first.atNanos() - now), TimeUnit.NANOSECONDS);
    }

    private void run() {
        scheduledNanos = Long.MAX_VALUE;
        long now = lane.clock.getAsLong();
        for (Due first = waiting.peek(); first != null && first.atNanos() <= now; first = waiting.peek()) {
            waiting.remove();
            first.reader().ask();
        }
        schedule(now);
    }
}
