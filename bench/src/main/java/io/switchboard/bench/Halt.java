package io.switchboard.bench;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The wish to end early, with what was measured so far. Any thread. */
public final class Halt {
    private final CountDownLatch wished = new CountDownLatch(1);

    public void stop() {
        wished.countDown();
    }

    /** Whether somebody wants it to end. */
    public boolean isWished() {
        return wished.getCount() == 0;
    }

    /** Blocks for so long, or until the wish; an interrupt is one. Returns whether there is one. */
    public boolean await(long nanos) {
        try {
            return wished.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException wish) {
            stop();
            return true;
        }
    }
}
