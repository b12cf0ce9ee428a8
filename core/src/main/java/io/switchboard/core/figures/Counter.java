package io.switchboard.core.figures;

import java.util.concurrent.atomic.LongAdder;

/** A number that many threads move, each without waiting for the others. */
public final class Counter {
    private final LongAdder sum = new LongAdder();

    public void add(long more) {
        sum.add(more);
    }

    public void increment() {
        sum.increment();
    }

    public void decrement() {
        sum.decrement();
    }

    /** What was added so far, by those whose adding this thread can know of. */
    public long value() {
        return sum.sum();
    }
}
