package io.switchboard.bench;

/** What one reader does with what it gets: finds messages, checks their order, and measures their delay. One thread. */
final class Intake implements StampReader.Sink {
    private final Lane lane;
    private final long epoch;
    private final StampReader stamps;
    private final SequenceCheck check;
    private long now;

    Intake(Lane lane, long epoch, int publishers) {
        this.lane = lane;
        this.epoch = epoch;
        this.stamps = new StampReader(lane.message.length);
        this.check = new SequenceCheck(publishers);
    }

    /** Returns how many messages began to be told of. */
    long feed(byte[] bytes, int from, int to, long now) {
        this.now = now;
        long before = lane.messages;
        stamps.feed(bytes, from, to, this);
        return lane.messages - before;
    }

    @Override
    public void stamp(int publisher, long sequence, long nanos) {
        lane.messages++;
        check.take(publisher, sequence);
        lane.delay(epoch + nanos, now);
    }

    SequenceCheck check() {
        return check;
    }
}
