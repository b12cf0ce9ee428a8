package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What waits to be taken by a socket, in its order. It is there only while something does. Belongs to its loop. */
final class Outgoing {
    private record Piece(ByteBuf bytes, @Nullable Runnable gone) {}

    private final ArrayDeque<Piece> pieces =
            new ArrayDeque<>(4); // as many as `bytes` allows: whoever writes looks at it
    private long bytes;

    /** Takes over the caller's hold on the bytes. */
    void add(ByteBuf more, @Nullable Runnable gone) {
        pieces.add(new Piece(more, gone));
        bytes += more.readableBytes();
    }

    boolean isEmpty() {
        return pieces.isEmpty();
    }

    long bytes() {
        return bytes;
    }

    /**
     * Sends what goes with one write: the first piece as it is if it is large or alone, else copies of as many as there
     * is room for.
     *
     * @return whether all of that was taken
     */
    boolean sendSome(Socket socket, Scratch scratch) throws IOException {
        Piece first = pieces.element();
        boolean asItIs = pieces.size() == 1 || first.bytes().readableBytes() >= Scratch.BYTES / 4;
        ByteBuf next = asItIs && first.bytes().hasMemoryAddress() ? first.bytes() : gathered(scratch.leaving());
        int sent = next.readableBytes();
        int taken = sent == 0 ? 0 : Scratch.send(socket, next);
        take(taken);
        return taken == sent;
    }

    private ByteBuf gathered(ByteBuf into) {
        for (Piece piece : pieces) {
            ByteBuf from = piece.bytes();
            int more = Math.min(from.readableBytes(), into.writableBytes());
            into.writeBytes(from, from.readerIndex(), more);
            if (!into.isWritable()) break;
        }
        return into;
    }

    private void take(int taken) {
        bytes -= taken;
        int left = taken;
        List<Runnable> told = List.of();
        while (!pieces.isEmpty()) {
            ByteBuf first = pieces.element().bytes();
            int here = Math.min(left, first.readableBytes());
            first.skipBytes(here);
            left -= here;
            if (first.isReadable()) break;
            told = release(pieces.remove(), told);
        }
        told.forEach(Runnable::run); // at last: they may write here, and send
    }

    /** Nothing of it will be taken. */
    void drop() {
        List<Runnable> told = List.of();
        while (!pieces.isEmpty()) told = release(pieces.remove(), told);
        bytes = 0;
        told.forEach(Runnable::run);
    }

    private static List<Runnable> release(Piece piece, List<Runnable> told) {
        piece.bytes().release();
        if (piece.gone() == null) return told;
        List<Runnable> more = told.isEmpty() ? new ArrayList<>() : told;
        more.add(piece.gone());
        return more;
    }
}
