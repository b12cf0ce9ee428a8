package io.switchboard.http.sse;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes the data of one event as {@code data:} lines, or only counts what they would take. An event
 * stream breaks lines at CRLF, LF and CR, so data is split at each of them; nothing in a message can
 * then end the event or begin a field. Clients take one space away after the colon, so a line that begins
 * with one gets another. One thread; for one event after the other.
 */
final class DataLines {
    static final byte[] NEXT_LINE = "\ndata:".getBytes(StandardCharsets.ISO_8859_1);

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;

    private final @Nullable ByteBuf out;
    private long size;
    private boolean lineStart;
    private boolean afterReturn;

    /** @param out where to write; null to count only */
    DataLines(@Nullable ByteBuf out) {
        this.out = out;
        begin();
    }

    /** What was written or counted so far, in bytes. */
    long size() {
        return size;
    }

    /** The next bytes stand right behind a {@code data:}. */
    void begin() {
        lineStart = true;
        afterReturn = false;
    }

    /** One byte that is neither a space nor part of a line break. */
    void write(char c) {
        lineStart = false;
        afterReturn = false;
        size++;
        if (out != null) out.writeByte(c);
    }

    void write(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            if (afterReturn) {
                afterReturn = false;
                if (bytes[at] == '\n') {
                    at++;
                    continue;
                }
            }
            if (lineStart && bytes[at] == ' ') write(' ');
            int end = nextBreak(bytes, at, to);
            if (end > at) {
                lineStart = false;
                size += end - at;
                if (out != null) out.writeBytes(bytes, at, end - at);
            }
            if (end < to) {
                lineStart = true;
                afterReturn = bytes[end] == '\r';
                size += NEXT_LINE.length;
                if (out != null) out.writeBytes(NEXT_LINE);
                end++;
            }
            at = end;
        }
    }

    static boolean hasBreak(byte[] bytes, int from, int to) {
        return nextBreak(bytes, from, to) < to;
    }

    /** The first CR or LF from {@code from} on; {@code to} without one. */
    private static int nextBreak(byte[] bytes, int from, int to) {
        int at = from;
        while (at + 8 <= to) {
            long word = (long) LONG.get(bytes, at);
            long feed = word ^ ONES * '\n';
            long carriage = word ^ ONES * '\r';
            // The lowest high bit set is exact: borrows only run towards higher bytes.
            long found = ((feed - ONES & ~feed) | (carriage - ONES & ~carriage)) & HIGH_BITS;
            if (found != 0) return at + (Long.numberOfTrailingZeros(found) >>> 3);
            at += 8;
        }
        while (at < to && bytes[at] != '\n' && bytes[at] != '\r') at++;
        return at;
    }
}
