package io.switchboard.http.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Frames as a server sends them: whole messages, unmasked (RFC 6455, section 5.2). */
public final class Frames {
    public static final int TEXT = 0x1;
    public static final int BINARY = 0x2;
    private static final int CLOSE = 0x8;
    private static final int PING = 0x9;
    private static final int PONG = 0xa;
    private static final int FIN = 0x80;
    /** In front of {@link #TEXT} or {@link #BINARY}: the message is compressed (RFC 7692, section 6). */
    public static final int COMPRESSED = 0x40;

    /** What a reason may take beside its code (RFC 6455, section 5.5.1), in bytes. */
    public static final int REASON_BYTES_MAX = 123;

    private Frames() {}

    /** Bytes of the header of a frame with so many bytes of payload. */
    public static int headSize(int payload) {
        return payload < 126 ? 2 : payload < 65_536 ? 4 : 10;
    }

    /**
     * Writes the header of a whole message; the payload follows it.
     *
     * @param kind {@link #TEXT} or {@link #BINARY}, with {@link #COMPRESSED} or without
     * @param payload bytes of payload, 0 or more
     */
    public static void head(ByteBuf out, int kind, int payload) {
        out.writeByte(FIN | kind);
        if (payload < 126) {
            out.writeByte(payload);
        } else if (payload < 65_536) {
            out.writeByte(126).writeShort(payload);
        } else {
            out.writeByte(127).writeLong(payload);
        }
    }

    /** One message in a frame of its own. Owner: the caller. */
    public static ByteBuf message(int kind, byte[] payload, ByteBufAllocator allocator) {
        int size = headSize(payload.length) + payload.length;
        ByteBuf out = allocator.ioBuffer(size, size);
        head(out, kind, payload.length);
        return out.writeBytes(payload);
    }

    /** A ping without content. */
    public static ByteBuf ping(ByteBufAllocator allocator) {
        return control(PING, new byte[0], allocator);
    }

    /** @param payload of the ping it answers, at most 125 bytes */
    public static ByteBuf pong(byte[] payload, ByteBufAllocator allocator) {
        return control(PONG, payload, allocator);
    }

    /** A close frame; the reason is cut to {@value #REASON_BYTES_MAX} bytes, between characters. */
    public static ByteBuf close(int code, String reason, ByteBufAllocator allocator) {
        ByteBuffer body = ByteBuffer.allocate(2 + REASON_BYTES_MAX).putShort((short) code);
        CharsetEncoder encoder = StandardCharsets.UTF_8
                .newEncoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE);
        encoder.encode(CharBuffer.wrap(reason), body, true);
        byte[] bytes = new byte[body.position()];
        body.flip().get(bytes);
        return control(CLOSE, bytes, allocator);
    }

    /** The close frame that answers one without a code. */
    public static ByteBuf closeWithoutCode(ByteBufAllocator allocator) {
        return control(CLOSE, new byte[0], allocator);
    }

    private static ByteBuf control(int opcode, byte[] payload, ByteBufAllocator allocator) {
        int size = 2 + payload.length;
        return allocator
                .ioBuffer(size, size)
                .writeByte(FIN | opcode)
                .writeByte(payload.length)
                .writeBytes(payload);
    }
}
