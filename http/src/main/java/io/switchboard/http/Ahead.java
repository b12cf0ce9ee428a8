package io.switchboard.http;

import io.netty.handler.codec.http.HttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a client has sent before its turn: parts of requests behind one that is under way. It counts against what all
 * connections together may hold. Belongs to its connection's loop.
 */
final class Ahead {
    static final int PIECES_MAX = 64;
    static final int BYTES_MAX = 64 * 1024;
    /** What a piece takes beside its content: one read may bring thousands of requests. */
    private static final int PIECE_BYTES = 512;

    private final AtomicLong bytesInFlight; // of all connections
    private final long bytesInFlightMax;
    private final ArrayDeque<Object> pieces = new ArrayDeque<>(2); // at most one read more than allowed
    private int bytes;
    private int reserved; // of bytesInFlight

    Ahead(AtomicLong bytesInFlight, long bytesInFlightMax) {
        this.bytesInFlight = bytesInFlight;
        this.bytesInFlightMax = bytesInFlightMax;
    }

    boolean isEmpty() {
        return pieces.isEmpty();
    }

    /** Whether no more should be read. */
    boolean isFull() {
        return pieces.size() >= PIECES_MAX || bytes >= BYTES_MAX;
    }

    /** Takes the caller's hold on {@code message} over. */
    void add(Object message) {
        pieces.add(message);
        if (message instanceof HttpContent content) bytes += content.content().readableBytes();
    }

    /** The next piece, which is the caller's to release. */
    Object take() {
        Object first = pieces.remove();
        if (pieces.isEmpty()) bytes = 0;
        return first;
    }

    /** Counts what is held now; false if that is more than all connections may hold. */
    boolean count() {
        int now = pieces.isEmpty() ? 0 : bytes + pieces.size() * PIECE_BYTES;
        int more = now - reserved;
        reserved = now;
        return more == 0 || bytesInFlight.addAndGet(more) <= bytesInFlightMax || more < 0;
    }

    void drop() {
        while (!pieces.isEmpty()) ReferenceCountUtil.release(take());
        count();
    }
}
