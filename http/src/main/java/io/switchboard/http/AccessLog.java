package io.switchboard.http;

import org.jspecify.annotations.Nullable;

/** Hears of every request when its answer is complete, of a stream or a WebSocket when it has ended. On any loop. */
@FunctionalInterface
public interface AccessLog {
    /** Must not block. */
    void served(Served served);

    /**
     * A request that was answered. Its query is left out: a ticket may be in it.
     *
     * @param beganMillis when its header had arrived, milliseconds since 1970
     * @param address where it came from; empty if that is not known any more
     * @param subject whose it was; null for nobody in particular
     * @param path of its target, percent-encoded as it came
     * @param version of HTTP, such as {@code 1.1} or {@code 2}; empty if what came was no request
     * @param bytes of the body as announced, or of all that was sent where it lasted
     * @param millis from {@code beganMillis} to the end of the answer
     */
    record Served(
            long beganMillis,
            String address,
            @Nullable String subject,
            String method,
            String path,
            String version,
            int status,
            long bytes,
            long millis) {}
}
