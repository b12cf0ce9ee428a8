package io.switchboard.testkit.sim;

import io.switchboard.core.reading.Delivery;
import io.switchboard.core.reading.Form;
import java.util.concurrent.atomic.AtomicInteger;

/** A form whose results must be given back, each once; forms of one number are equal. */
public final class CountedForm implements Form<CountedForm.Encoded> {
    /** What somebody holds until it is released. */
    public static final class Encoded {
        private int releases;

        public boolean isReleased() {
            return releases > 0;
        }
    }

    private final int number;
    private final AtomicInteger held;

    /** @param held counts what is encoded and not released, over all forms that share it */
    public CountedForm(int number, AtomicInteger held) {
        this.number = number;
        this.held = held;
    }

    @Override
    public Encoded encode(Delivery delivery) {
        held.incrementAndGet();
        return new Encoded();
    }

    @Override
    public void release(Encoded encoded) {
        if (++encoded.releases > 1) throw new IllegalStateException("released twice");
        held.decrementAndGet();
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof CountedForm other && other.number == number;
    }

    @Override
    public int hashCode() {
        return number;
    }
}
