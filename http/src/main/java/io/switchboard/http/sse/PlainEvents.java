package io.switchboard.http.sse;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ContentType.Kind;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Run;
import io.switchboard.http.Framing;
import java.nio.charset.StandardCharsets;

/**
 * The plain event stream of a channel: one event per message, its data the message and its id the
 * offset after it, so that {@code Last-Event-ID} resumes (spec/protocol.md, section 2). Binary messages
 * are base64. What comes out is for any number of readers; whoever asked owns the buffer.
 */
public final class PlainEvents {
    private static final byte[] HEARTBEAT = ascii(":\n\n");
    private static final byte[] CLOSED = ascii("event: closed\ndata:{}\n\n");
    private static final byte[] DELETED = ascii("event: deleted\ndata:{}\n\n");
    private static final short EMPTY_LINE = '\n' << 8 | '\n';

    private PlainEvents() {}

    /**
     * The messages of {@code run}.
     *
     * @throws ArithmeticException if that takes 2 GiB or more
     */
    public static ByteBuf messages(Run run, Kind kind, Framing framing, ByteBufAllocator allocator) {
        ByteBuf out = framing.begin(Math.toIntExact(size(run, kind)), allocator);
        EventHead head = new EventHead();
        for (Run.Slice slice : run.slices()) {
            Block block = slice.block();
            head.begin(block.generation(), slice.firstSequence());
            switch (kind) {
                case JSON, TEXT -> writeText(slice, head, out);
                case BINARY -> writeBinary(slice, head, out);
            }
        }
        return framing.end(out);
    }

    private static void writeText(Run.Slice slice, EventHead head, ByteBuf out) {
        Block block = slice.block();
        byte[] bytes = block.bytes();
        DataLines lines = hasBreak(slice) ? new DataLines(out) : null;
        for (int i = slice.from(); i < slice.to(); i++) {
            head.write(out);
            int start = block.start(i);
            int end = block.end(i);
            if (lines == null) {
                if (start < end && bytes[start] == ' ') out.writeByte(' ');
                out.writeBytes(bytes, start, end - start);
            } else {
                lines.begin();
                lines.write(bytes, start, end);
            }
            out.writeShort(EMPTY_LINE);
            head.countUp();
        }
    }

    private static void writeBinary(Run.Slice slice, EventHead head, ByteBuf out) {
        Block block = slice.block();
        Base64Writer base64 = new Base64Writer(out);
        for (int i = slice.from(); i < slice.to(); i++) {
            head.write(out);
            base64.write(block.bytes(), block.start(i), block.end(i));
            base64.end();
            out.writeShort(EMPTY_LINE);
            head.countUp();
        }
    }

    private static long size(Run run, Kind kind) {
        long size = run.count() * Short.BYTES;
        for (Run.Slice slice : run.slices()) {
            size += EventHead.length(slice);
            size += switch (kind) {
                case JSON, TEXT -> textSize(slice);
                case BINARY -> binarySize(slice);
            };
        }
        return size;
    }

    private static long textSize(Run.Slice slice) {
        Block block = slice.block();
        byte[] bytes = block.bytes();
        if (hasBreak(slice)) {
            DataLines counted = new DataLines(null);
            for (int i = slice.from(); i < slice.to(); i++) {
                counted.begin();
                counted.write(bytes, block.start(i), block.end(i));
            }
            return counted.size();
        }
        long size = slice.payloadBytes();
        for (int i = slice.from(); i < slice.to(); i++) {
            int start = block.start(i);
            if (start < block.end(i) && bytes[start] == ' ') size++;
        }
        return size;
    }

    private static long binarySize(Run.Slice slice) {
        Block block = slice.block();
        long size = 0;
        for (int i = slice.from(); i < slice.to(); i++) size += Base64Writer.length(block.end(i) - block.start(i));
        return size;
    }

    // Messages lie end to end, so one look over all of them tells whether any has to be split.
    static boolean hasBreak(Run.Slice slice) {
        Block block = slice.block();
        return DataLines.hasBreak(block.bytes(), block.start(slice.from()), block.end(slice.to() - 1));
    }

    /** Messages after {@code from} are gone; the stream goes on after {@code to}, which becomes the last event id. */
    public static ByteBuf gap(Offset from, Offset to, Framing framing, ByteBufAllocator allocator) {
        String event = "event: gap\nid:" + to + "\ndata:{\"from\":\"" + from + "\",\"to\":\"" + to + "\"}\n\n";
        return framing.frame(ascii(event), allocator);
    }

    /** Where a reader stands before its first message: no event for a page, but an id to come back with. */
    public static ByteBuf position(Offset at, Framing framing, ByteBufAllocator allocator) {
        return framing.frame(ascii("id:" + at + "\n\n"), allocator);
    }

    /** The channel takes no more messages and all of them were sent. */
    public static ByteBuf closed(Framing framing, ByteBufAllocator allocator) {
        return framing.frame(CLOSED, allocator);
    }

    /** The channel is no more. */
    public static ByteBuf deleted(Framing framing, ByteBufAllocator allocator) {
        return framing.frame(DELETED, allocator);
    }

    /** A comment, which clients skip: keeps the connection from looking idle. */
    public static ByteBuf heartbeat(Framing framing, ByteBufAllocator allocator) {
        return framing.frame(HEARTBEAT, allocator);
    }

    /**
     * How long clients are to wait before they reconnect.
     *
     * @param millis 0 or more
     */
    public static ByteBuf retry(long millis, Framing framing, ByteBufAllocator allocator) {
        if (millis < 0) throw new IllegalArgumentException("retry after " + millis + " ms");
        return framing.frame(ascii("retry:" + millis + "\n\n"), allocator);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
