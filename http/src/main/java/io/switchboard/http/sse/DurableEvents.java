package io.switchboard.http.sse;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ContentType.Kind;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Run;
import io.switchboard.http.Framing;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The event stream of Durable Streams (section 5.8): a {@code data} event with a batch of messages, then
 * a {@code control} event that says where they end. What comes out is for any number of readers;
 * whoever asked owns the buffer.
 */
public final class DurableEvents {
    private static final byte[] DATA = ascii("event: data\ndata:");
    private static final byte[] CONTROL = ascii("event: control\ndata:{\"streamNextOffset\":\"");
    private static final byte[] CURSOR = ascii(",\"streamCursor\":\"");
    private static final byte[] UP_TO_DATE = ascii(",\"upToDate\":true");
    private static final byte[] CLOSED = ascii(",\"streamClosed\":true");
    private static final byte[] CONTROL_END = ascii("}\n\n");
    private static final short EMPTY_LINE = '\n' << 8 | '\n';

    private DurableEvents() {}

    /**
     * What a control event says.
     *
     * @param next where to read on
     * @param cursor for caches; null for none, as when the channel is closed
     * @param upToDate whether there is nothing after {@code next} now
     * @param closed whether there will never be
     */
    public record Control(Offset next, @Nullable String cursor, boolean upToDate, boolean closed) {
        public static final int CURSOR_LENGTH_MAX = 64;

        public Control {
            if (cursor != null && !isCursor(cursor)) throw new IllegalArgumentException("no cursor: " + cursor);
        }

        private static boolean isCursor(String cursor) {
            for (int i = 0; i < cursor.length(); i++) {
                char c = cursor.charAt(i);
                boolean allowed = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
                if (!allowed && c != '-' && c != '_' && c != '.') return false;
            }
            return !cursor.isEmpty() && cursor.length() <= CURSOR_LENGTH_MAX;
        }
    }

    /**
     * The messages of {@code run}, and {@code control} behind them.
     *
     * @throws ArithmeticException if that takes 2 GiB or more
     */
    public static ByteBuf messages(Run run, Kind kind, Control control, Framing framing, ByteBufAllocator allocator) {
        boolean split = kind != Kind.BINARY && hasBreak(run);
        long payload =
                switch (kind) {
                    case JSON, TEXT -> {
                        if (!split) yield unsplitSize(run, kind);
                        DataLines counted = new DataLines(null);
                        writeLines(run, kind, counted);
                        yield counted.size();
                    }
                    case BINARY -> Base64Writer.length(run.payloadBytes());
                };
        long size = DATA.length + payload + Short.BYTES + size(control);
        ByteBuf out = framing.begin(Math.toIntExact(size), allocator).writeBytes(DATA);
        switch (kind) {
            case JSON -> {
                if (split) writeLines(run, kind, new DataLines(out));
                else writeArray(run, out);
            }
            case TEXT -> {
                if (split) writeLines(run, kind, new DataLines(out));
                else writeText(run, out);
            }
            case BINARY -> writeBinary(run, out);
        }
        out.writeShort(EMPTY_LINE);
        write(control, out);
        return framing.end(out);
    }

    /** A control event alone. */
    public static ByteBuf control(Control control, Framing framing, ByteBufAllocator allocator) {
        ByteBuf out = framing.begin(size(control), allocator);
        write(control, out);
        return framing.end(out);
    }

    private static boolean hasBreak(Run run) {
        for (Run.Slice slice : run.slices()) {
            if (PlainEvents.hasBreak(slice)) return true;
        }
        return false;
    }

    private static long unsplitSize(Run run, Kind kind) {
        if (kind == Kind.JSON) return run.payloadBytes() + run.count() + 1; // brackets, and commas between
        return run.payloadBytes() + (beginsWithSpace(run) ? 1 : 0);
    }

    private static boolean beginsWithSpace(Run run) {
        for (Run.Slice slice : run.slices()) {
            if (slice.payloadBytes() == 0) continue;
            return slice.block().bytes()[slice.block().start(slice.from())] == ' ';
        }
        return false;
    }

    private static void writeArray(Run run, ByteBuf out) {
        char before = '[';
        for (Run.Slice slice : run.slices()) {
            Block block = slice.block();
            for (int i = slice.from(); i < slice.to(); i++) {
                out.writeByte(before).writeBytes(block.bytes(), block.start(i), block.end(i) - block.start(i));
                before = ',';
            }
        }
        out.writeByte(']');
    }

    private static void writeText(Run run, ByteBuf out) {
        if (beginsWithSpace(run)) out.writeByte(' ');
        for (Run.Slice slice : run.slices()) {
            out.writeBytes(slice.block().bytes(), slice.block().start(slice.from()), slice.payloadBytes());
        }
    }

    private static void writeBinary(Run run, ByteBuf out) {
        Base64Writer base64 = new Base64Writer(out);
        for (Run.Slice slice : run.slices()) {
            int start = slice.block().start(slice.from());
            base64.write(slice.block().bytes(), start, start + slice.payloadBytes());
        }
        base64.end();
    }

    private static void writeLines(Run run, Kind kind, DataLines lines) {
        char before = '[';
        for (Run.Slice slice : run.slices()) {
            Block block = slice.block();
            for (int i = slice.from(); i < slice.to(); i++) {
                if (kind == Kind.JSON) lines.write(before);
                lines.write(block.bytes(), block.start(i), block.end(i));
                before = ',';
            }
        }
        if (kind == Kind.JSON) lines.write(']');
    }

    private static int size(Control control) {
        Offset next = control.next();
        int size = CONTROL.length + Offset.length(next.generation(), next.sequence()) + 1 + CONTROL_END.length;
        if (control.cursor() != null) size += CURSOR.length + control.cursor().length() + 1;
        if (control.upToDate()) size += UP_TO_DATE.length;
        if (control.closed()) size += CLOSED.length;
        return size;
    }

    private static void write(Control control, ByteBuf out) {
        byte[] offset = new byte[Offset.LENGTH_MAX];
        int length = Offset.write(control.next().generation(), control.next().sequence(), offset, 0);
        out.writeBytes(CONTROL).writeBytes(offset, 0, length).writeByte('"');
        String cursor = control.cursor();
        if (cursor != null) {
            out.writeBytes(CURSOR);
            for (int i = 0; i < cursor.length(); i++) out.writeByte(cursor.charAt(i));
            out.writeByte('"');
        }
        if (control.upToDate()) out.writeBytes(UP_TO_DATE);
        if (control.closed()) out.writeBytes(CLOSED);
        out.writeBytes(CONTROL_END);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
