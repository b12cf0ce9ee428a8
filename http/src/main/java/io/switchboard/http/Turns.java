package io.switchboard.http;

import java.util.ArrayDeque;

/**
 * Whose turn it is to be handled on a connection that carries many requests. Answers to reads may be large, so that few are made at a time,
 * and none while much waits to be sent. Belongs to its connection's loop.
 */
final class Turns {
    /** Reads that are handled at a time. */
    private static final int READS_MAX = 8;
    /** While more than this waits to be sent, reads have to wait. */
    private static final int QUEUED_BYTES_READS = 4 * 1024 * 1024;
    /** With more than this, answers are dropped, and their streams reset. */
    private static final int QUEUED_BYTES_MAX = 16 * 1024 * 1024;

    private final Multiplex connection;
    private final ArrayDeque<StreamRequest> waiting = new ArrayDeque<>(2); // no more than there are streams
    private int handled; // reads
    private boolean turning;

    Turns(Multiplex connection) {
        this.connection = connection;
    }

    /** A request has arrived. */
    void await(StreamRequest request) {
        if (request.isRead() && (!waiting.isEmpty() || mustWait())) waiting.add(request);
        else begin(request);
    }

    /** It awaits no turn any more. */
    void leave(StreamRequest request) {
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

    private void begin(StreamRequest request) {
        if (request.isRead()) handled++;
        request.handle();
    }

    private boolean mustWait() {
        return handled >= READS_MAX || connection.queued() > QUEUED_BYTES_READS;
    }

    /** Whether an answer of so many bytes may wait for the peer to take it. */
    boolean takes(long bytes) {
        return connection.queued() == 0 || connection.queued() + bytes <= QUEUED_BYTES_MAX;
    }
}
