package io.switchboard.http;

import java.util.ArrayDeque;

/**
 * Whose turn it is to be handled on a connection of HTTP/2. Answers to reads may be large, so that few are made at a time,
 * and none while much waits to be sent. Belongs to its connection's loop.
 */
final class Http2Turns {
    /** Reads that are handled at a time. */
    private static final int READS_MAX = 8;
    /** While more than this waits to be sent, reads have to wait. */
    private static final int QUEUED_BYTES_READS = 4 * 1024 * 1024;
    /** With more than this, answers are dropped, and their streams reset. */
    private static final int QUEUED_BYTES_MAX = 16 * 1024 * 1024;

    private final Http2Output output;
    private final ArrayDeque<Http2Request> waiting = new ArrayDeque<>(2); // no more than there are streams
    private int handled; // reads
    private boolean turning;

    Http2Turns(Http2Output output) {
        this.output = output;
    }

    /** A request has arrived. */
    void await(Http2Request request) {
        if (request.isRead() && (!waiting.isEmpty() || mustWait())) waiting.add(request);
        else begin(request);
    }

    /** It awaits no turn any more. */
    void leave(Http2Request request) {
        waiting.remove(request);
    }

    /** Nobody's turn comes any more. */
    void close() {
        waiting.clear();
    }

    /** What was a read is done with by its handler. */
    void handled() {
        handled--;
        next();
    }

    /** There may be room for answers. One given meanwhile comes back here, and must not go down once more. */
    void next() {
        if (turning) return;
        turning = true;
        try {
            while (!waiting.isEmpty() && !mustWait()) begin(waiting.remove());
        } finally {
            turning = false;
        }
    }

    private void begin(Http2Request request) {
        if (request.isRead()) handled++;
        request.handle();
    }

    private boolean mustWait() {
        return handled >= READS_MAX || output.queued() > QUEUED_BYTES_READS;
    }

    /** Whether an answer of so many bytes may wait for the peer to take it. */
    boolean takes(long bytes) {
        return output.queued() == 0 || output.queued() + bytes <= QUEUED_BYTES_MAX;
    }
}
