package io.switchboard.cli;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The signals that ask the process to end. SIGTERM comes from a supervisor that gives clients time to leave;
 * SIGINT (Ctrl-C) and SIGHUP (a closed terminal) come from a person who does not want to wait.
 *
 * <p>Shutdown hooks are the portable way to hear of signals, but they cannot tell one from the other, and a
 * process that ends through them reports 130 or 143 instead of 0. So this uses {@code sun.misc.Signal}, which
 * every JDK has in the supported module {@code jdk.unsupported}. Where a signal cannot be handled (the JVM
 * was started with {@code -Xrs}, or the platform has no such signal), it keeps its usual meaning.
 *
 * <p>Threads: signals arrive on a thread of the JVM, {@link #next()} blocks the one that calls it.
 */
final class StopRequests {
    /** How the process is to end. */
    enum Request {
        DRAIN,
        NOW
    }

    private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();

    /** From now on signals end up in {@link #next()}. */
    StopRequests listen() {
        handle("TERM", Request.DRAIN);
        handle("INT", Request.NOW);
        handle("HUP", Request.NOW);
        return this;
    }

    Request next() throws InterruptedException {
        return requests.take();
    }

    private void handle(String signal, Request request) {
        try {
            sun.misc.Signal.handle(new sun.misc.Signal(signal), received -> requests.add(request));
        } catch (IllegalArgumentException notOurs) {
            // The JVM or the platform keeps this signal: its usual meaning, which is to end the process, stays.
        }
    }
}
