package io.switchboard.bench;

/** A closed loop: whoever has his answer sends the next, until the span is over. The lane's thread. */
final class Treadmill implements Work {
    private final Lane lane;
    private int senders;

    Treadmill(Lane lane) {
        this.lane = lane;
    }

    @Override
    public int add(Duty duty) {
        return senders++;
    }

    @Override
    public long intended(int place, long n) {
        return lane.clock.getAsLong();
    }

    @Override
    public boolean isOver() {
        return lane.span.isOver(lane.clock.getAsLong());
    }
}
