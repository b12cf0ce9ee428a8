package io.switchboard.cli.doctor;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Ends connections at their time, whatever they are doing: a read time-out of a socket begins anew with each byte, and
 * there is none for writing. Any thread.
 */
final class Watch implements AutoCloseable {
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("watch").factory());

    Watch() {
        timer.setRemoveOnCancelPolicy(true);
    }

    /** @param before what is done first, quickly */
    Future<?> closeAfter(Duration max, Runnable before, Closeable what) {
        return timer.schedule(
                () -> {
                    before.run();
                    try {
                        what.close();
                    } catch (IOException alreadyGone) {
                        // It is over either way.
                    }
                },
                max.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
