package io.switchboard.http.sse;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Base64 (RFC 4648, section 4) of bytes that come in pieces, without line breaks. One thread. */
final class Base64Writer {
    private static final byte[] ALPHABET =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".getBytes(StandardCharsets.ISO_8859_1);
    private static final int CHUNK = 1024; // a multiple of 4

    private final ByteBuf out;
    private final byte[] chunk = new byte[CHUNK];
    private int filled;

    // Bytes that wait for the rest of their group of three: how many, and their bits.
    private int waiting;
    private int bits;

    Base64Writer(ByteBuf out) {
        this.out = out;
    }

    /** What {@code bytes} bytes take. */
    static long length(long bytes) {
        return (bytes + 2) / 3 * 4;
    }

    void write(byte[] bytes, int from, int to) {
        int at = from;
        while (waiting != 0 && at < to) {
            bits = bits << 8 | (bytes[at++] & 0xff);
            if (++waiting == 3) {
                group(bits);
                waiting = 0;
                bits = 0;
            }
        }
        for (; at + 3 <= to; at += 3) {
            group((bytes[at] & 0xff) << 16 | (bytes[at + 1] & 0xff) << 8 | (bytes[at + 2] & 0xff));
        }
        for (; at < to; at++, waiting++) bits = bits << 8 | (bytes[at] & 0xff);
    }

    /** Writes what is left, with its padding. */
    void end() {
        if (waiting != 0) {
            group(bits << (waiting == 1 ? 16 : 8));
            chunk[filled - 1] = '=';
            if (waiting == 1) chunk[filled - 2] = '=';
            waiting = 0;
            bits = 0;
        }
        out.writeBytes(chunk, 0, filled);
        filled = 0;
    }

    private void group(int group) {
        if (filled == CHUNK) {
            out.writeBytes(chunk);
            filled = 0;
        }
        chunk[filled] = ALPHABET[group >>> 18];
        chunk[filled + 1] = ALPHABET[group >>> 12 & 63];
        chunk[filled + 2] = ALPHABET[group >>> 6 & 63];
        chunk[filled + 3] = ALPHABET[group & 63];
        filled += 4;
    }
}
