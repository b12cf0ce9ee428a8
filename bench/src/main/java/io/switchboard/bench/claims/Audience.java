package io.switchboard.bench.claims;

import io.switchboard.bench.BenchFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * WebSockets on one channel that count what they are sent, compressed or not, and look no closer; a virtual thread each. One
 * thread opens, waits and closes; then it may open others.
 */
final class Audience implements AutoCloseable {
    private static final long LOOK_NANOS = 1_000_000;

    private final List<Talk> talks = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong messages = new AtomicLong();
    private final AtomicLong compressed = new AtomicLong();
    private long bytesBefore; // the handshakes

    /** @param fields of the handshake, each with its line's end */
    void open(Talks server, String path, String fields, int count) throws IOException {
        messages.set(0);
        compressed.set(0);
        for (int i = 0; i < count; i++) {
            Talk talk = server.open();
            talks.add(talk);
            talk.upgrade(path, fields);
        }
        bytesBefore = received();
        for (Talk talk : talks) threads.add(Thread.ofVirtual().start(() -> read(talk)));
    }

    private void read(Talk talk) {
        try {
            while (true) {
                Talk.Frame frame = talk.message();
                if (frame.compressed) compressed.incrementAndGet();
                messages.incrementAndGet();
            }
        } catch (IOException closed) {
            // the end, or it is missed when they are counted
        }
    }

    private long received() {
        return talks.stream().mapToLong(Talk::bytesIn).sum();
    }

    /** @throws BenchFailure if not each of them gets so many soon */
    void awaitEach(int count) throws BenchFailure {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Talk.ANSWER_MILLIS_MAX);
        long all = (long) count * talks.size();
        while (messages.get() < all) {
            if (System.nanoTime() - until > 0) {
                throw BenchFailure.failed("Of " + all + " messages only " + messages.get() + " came.");
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** To all of them, after their handshakes. */
    long bytes() {
        return received() - bytesBefore;
    }

    /** Messages that came compressed, to all of them. */
    long compressed() {
        return compressed.get();
    }

    /** Ends all of them. */
    void leave() {
        talks.forEach(Talk::close);
        boolean interrupted = false;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException hurried) {
                interrupted = true;
            }
        }
        talks.clear();
        threads.clear();
        if (interrupted) Thread.currentThread().interrupt();
    }

    @Override
    public void close() {
        leave();
    }
}
