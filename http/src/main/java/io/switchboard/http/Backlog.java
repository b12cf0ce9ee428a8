package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What waits on one stream until its peer, and the streams beside it, leave room: pieces in their order, by reference. A
 * stream has one only while something waits. Belongs to its connection's loop.
 */
final class Backlog {
    private record Piece(ByteBuf bytes, @Nullable Runnable gone) {}

    /** Takes what has waited, and the caller's hold on it. */
    interface Taker {
        /** @param gone called once all of it was taken by the peer, or never will be; null if nobody waits for that */
        void take(ByteBuf bytes, @Nullable Runnable gone);
    }

    private final ArrayDeque<Piece> pieces = new ArrayDeque<>(2);

    void add(ByteBuf bytes, @Nullable Runnable gone) {
        pieces.add(new Piece(bytes, gone));
    }

    /** Whether nothing waits any more. */
    boolean isEmpty() {
        return pieces.isEmpty();
    }

    /** Bytes that wait in the first piece: as many may be given at a time. */
    int first() {
        return pieces.element().bytes().readableBytes();
    }

    /** Gives the first bytes away: the piece, or the beginning of it, for whose end nobody is told yet. */
    void give(int length, Taker taker) {
        Piece first = pieces.element();
        if (length < first.bytes().readableBytes()) {
            taker.take(first.bytes().readRetainedSlice(length), null);
        } else {
            pieces.remove();
            taker.take(first.bytes(), first.gone());
        }
    }

    /**
     * Lets go of all, as the stream is over.
     *
     * @param lost null if nothing waits
     * @return whom to tell
     */
    static List<Runnable> drop(@Nullable Backlog lost) {
        if (lost == null) return List.of();
        List<Runnable> told = new ArrayList<>();
        for (Piece piece : lost.pieces) {
            piece.bytes().release();
            if (piece.gone() != null) told.add(piece.gone());
        }
        return told;
    }

    /** A stream is over: tells those whose bytes will not be taken, then what it carried, then who waits for its end. */
    static void tell(List<Runnable> dropped, Carried carried, @Nullable Runnable whenClosed) {
        try {
            dropped.forEach(Runnable::run);
        } finally {
            try {
                carried.ended();
            } finally {
                if (whenClosed != null) whenClosed.run();
            }
        }
    }
}
