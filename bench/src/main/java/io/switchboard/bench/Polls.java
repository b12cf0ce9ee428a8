package io.switchboard.bench;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** When the pollers of a lane ask next: all wait equally long, so they stand in line, and one timer does. One thread. */
final class Polls {
    private final Lane lane;
    private final long everyNanos;
    private final Deque<Due> waiting = new ArrayDeque<>(); // at most the connections of the lane
    private boolean scheduled;

    Polls(Lane lane, double everySeconds) {
        this.lane = lane;
        this.everyNanos = (long) (everySeconds * 1e9);
    }

    private record Due(PollReader reader, long atNanos) {}

    void later(PollReader reader, long now) {
        waiting.add(new Due(reader, now + everyNanos));
        if (!scheduled) schedule(now);
    }

    private void schedule(long now) {
        Due first = waiting.peek();
        scheduled = first != null;
        if (first != null) {
            lane.eventLoop.schedule(this::run, Math.max(0, first.atNanos() - now), TimeUnit.NANOSECONDS);
        }
    }

    private void run() {
        long now = lane.clock.getAsLong();
        for (Due first = waiting.peek(); first != null && first.atNanos() <= now; first = waiting.peek()) {
            waiting.remove();
            first.reader().ask();
        }
        schedule(now);
    }
}
