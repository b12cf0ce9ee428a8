package io.switchboard.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * An open loop: things are due at a rate, whatever the server does, and whoever is late sends them with the moment at
 * which they were due. The senders of a lane take turns. One timer. The lane's thread.
 */
final class Pacer implements Work {
    private static final int ITEMS_A_TURN_MAX = 1_000;

    private final Lane lane;
    private final List<Duty> duties = new ArrayList<>();
    private long startNanos;
    private double everyNanos;
    private long next;

    Pacer(Lane lane) {
        this.lane = lane;
    }

    @Override
    public int add(Duty duty) {
        duties.add(duty);
        return duties.size() - 1;
    }

    int senders() {
        return duties.size();
    }

    /** @param everyNanos from one thing to the next on this lane */
    void start(long startNanos, double everyNanos) {
        this.startNanos = startNanos;
        this.everyNanos = everyNanos;
        run();
    }

    @Override
    public long intended(int place, long n) {
        return due(n * duties.size() + place);
    }

    private long due(long item) {
        return startNanos + (long) (item * everyNanos);
    }

    @Override
    public boolean isOver() {
        return false; // what was due before the end is sent, however late
    }

    private void run() {
        long now = lane.clock.getAsLong();
        for (int i = 0; due(next) <= now; i++) {
            if (lane.span.isOver(due(next))) return;
            if (i == ITEMS_A_TURN_MAX) {
                lane.eventLoop.execute(this::run);
                return;
            }
            duties.get((int) (next++ % duties.size())).owe();
        }
        long wait = due(next) - lane.clock.getAsLong();
        lane.eventLoop.schedule(this::run, Math.max(0, wait), TimeUnit.NANOSECONDS);
    }
}
