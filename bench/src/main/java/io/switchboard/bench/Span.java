package io.switchboard.bench;

/**
 * What is measured: whatever was meant to be sent in it, however late its answer came. Set by the thread that runs, read
 * by all loops; in nanoseconds of the clock.
 */
final class Span {
    private volatile long from = Long.MAX_VALUE;
    private volatile long to = Long.MAX_VALUE;

    void set(long from, long to) {
        this.from = from;
        this.to = to;
    }

    void endAt(long to) {
        this.to = Math.min(this.to, to);
    }

    long to() {
        return to;
    }

    boolean has(long moment) {
        return moment >= from && moment < to;
    }

    boolean isOver(long moment) {
        return moment >= to;
    }
}
