package io.switchboard.cli.client;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;

/**
 * Ends a stream on which nothing comes for too long. A server shows every 25 s that a quiet stream is alive, so what
 * is silent for longer is a connection that one end does not know it has lost.
 */
final class Silence implements AutoCloseable {
    static final Duration MAX = Duration.ofSeconds(90);

    private final Thread watch;
    private volatile long heardNanos = System.nanoTime(); // written by the reader, read by the watch

    Silence(Closeable stream, Duration max) {
        watch = Thread.ofVirtual().start(() -> {
            try {
                while (System.nanoTime() - heardNanos < max.toNanos()) Thread.sleep(max.dividedBy(4));
                stream.close();
            } catch (InterruptedException over) {
                Thread.currentThread().interrupt();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    void heard() {
        heardNanos = System.nanoTime();
    }

    @Override
    public void close() {
        watch.interrupt();
    }
}
