package io.switchboard.bench;

import org.jspecify.annotations.Nullable;

/** What one reader does with what it gets: finds messages, checks their order, and measures their delay. One thread. */
final class Intake implements StampReader.Sink {
    private final Lane lane;
    private final long epoch;
    private final StampReader stamps;
    private final SequenceCheck check;
    private final @Nullable Window window;
    private long now;
    private long since; // from when on messages are counted for the window
    private long untold;
    private long told;

    /** @param window that waits for what comes, if there is one */
    Intake(Lane lane, long epoch, int publishers, @Nullable Window window) {
        this.window = window;
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
        if (window != null) count(window.since(), epoch + nanos);
    }

    private void count(long since, long intended) {
        if (since != this.since) {
            this.since = since;
            untold = 0;
            told = 0;
        }
        if (intended - since >= 0) untold++;
    }

    /** The reader is ready for what comes. */
    void joined() {
        if (window != null) window.joined();
    }

    /** What came has been taken: the window may go on. */
    void told() {
        if (window == null || untold == 0) return;
        told += untold;
        window.arrived(lane, since, untold);
        untold = 0;
    }

    /** Nothing more comes to the reader. */
    void left() {
        if (window != null) window.left(since, told);
    }

    SequenceCheck check() {
        return check;
    }
}
