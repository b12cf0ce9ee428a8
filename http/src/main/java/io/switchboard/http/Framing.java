package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;

/** What the carrier wants around a piece of a response's body. */
public enum Framing {
    /** Nothing: HTTP/2, HTTP/3, and HTTP/1 bodies that end with the connection. */
    BARE,
    /** One chunk of HTTP/1.1 (RFC 9112, section 7.1). */
    CHUNKED;

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.ISO_8859_1);
    private static final short CRLF = '\r' << 8 | '\n';

    /**
     * A buffer with exactly the room for {@code size} bytes and this framing, its head written. Owner: the
     * caller, who writes the bytes and calls {@link #end}.
     */
    public ByteBuf begin(int size, ByteBufAllocator allocator) {
        if (this == BARE) return allocator.ioBuffer(size, size);
        int digits = Math.max(1, (35 - Integer.numberOfLeadingZeros(size)) / 4);
        int total = Math.addExact(digits + 4, size);
        ByteBuf out = allocator.ioBuffer(total, total);
        for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out.writeByte(HEX[size >>> shift & 15]);
        return out.writeShort(CRLF);
    }

    /** Closes what {@link #begin} opened. */
    public ByteBuf end(ByteBuf out) {
        return this == BARE ? out : out.writeShort(CRLF);
    }

    /** {@code bytes} in this framing. */
    public ByteBuf frame(byte[] bytes, ByteBufAllocator allocator) {
        return end(begin(bytes.length, allocator).writeBytes(bytes));
    }
}
