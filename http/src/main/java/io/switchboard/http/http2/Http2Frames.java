package io.switchboard.http.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Frames of HTTP/2 as bytes (RFC 9113, sections 4.1 and 6). Whoever asks for one owns it. */
public final class Http2Frames {
    /** What a client says first (RFC 9113, section 3.4). */
    public static final ByteBuf PREFACE = Unpooled.unreleasableBuffer(
            Unpooled.copiedBuffer("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", StandardCharsets.US_ASCII)
                    .asReadOnly());

    public static final int HEADER_BYTES = 9;
    /** The content of one frame that every peer takes (RFC 9113, section 4.2). */
    public static final int CONTENT_BYTES_MAX = 16_384;

    public static final byte DATA = 0;
    public static final byte HEADERS = 1;
    private static final byte RST_STREAM = 3;
    private static final byte SETTINGS = 4;
    private static final byte PING = 6;
    private static final byte GOAWAY = 7;
    private static final byte WINDOW_UPDATE = 8;
    public static final byte CONTINUATION = 9;

    public static final int END_STREAM = 0x1;
    public static final int END_HEADERS = 0x4;
    private static final int ACK = 0x1;

    private Http2Frames() {}

    /** Of a frame that begins at the reader's index, four bytes of which are there. */
    public static byte type(ByteBuf frame) {
        return frame.getByte(frame.readerIndex() + 3);
    }

    /** Whether a frame of a header block is its last; its header is there. */
    public static boolean endsHeaders(ByteBuf frame) {
        return (frame.getByte(frame.readerIndex() + 4) & END_HEADERS) != 0;
    }

    /** What stands before {@code length} bytes of content. */
    public static ByteBuf header(byte type, int flags, int stream, int length, ByteBufAllocator allocator) {
        return begin(type, flags, stream, length, 0, allocator);
    }

    private static ByteBuf begin(byte type, int flags, int stream, int length, int room, ByteBufAllocator allocator) {
        int size = HEADER_BYTES + room;
        return allocator
                .ioBuffer(size, size)
                .writeMedium(length)
                .writeByte(type)
                .writeByte(flags)
                .writeInt(stream);
    }

    private static ByteBuf whole(byte type, int flags, int stream, int length, ByteBufAllocator allocator) {
        return begin(type, flags, stream, length, length, allocator);
    }

    public static ByteBuf reset(int stream, Http2Error error, ByteBufAllocator allocator) {
        return whole(RST_STREAM, 0, stream, 4, allocator).writeInt((int) error.code());
    }

    /** @param values by the identifiers of RFC 9113, section 6.5.2 */
    public static ByteBuf settings(Map<Integer, Integer> values, ByteBufAllocator allocator) {
        ByteBuf frame = whole(SETTINGS, 0, 0, 6 * values.size(), allocator);
        values.forEach((id, value) -> frame.writeShort(id).writeInt(value));
        return frame;
    }

    public static ByteBuf settingsAck(ByteBufAllocator allocator) {
        return whole(SETTINGS, ACK, 0, 0, allocator);
    }

    public static ByteBuf ping(long content, ByteBufAllocator allocator) {
        return whole(PING, 0, 0, 8, allocator).writeLong(content);
    }

    public static ByteBuf pingAck(long content, ByteBufAllocator allocator) {
        return whole(PING, ACK, 0, 8, allocator).writeLong(content);
    }

    /** @param lastStream the last one that was, or may yet be, looked at */
    public static ByteBuf goAway(int lastStream, Http2Error error, ByteBufAllocator allocator) {
        return whole(GOAWAY, 0, 0, 8, allocator).writeInt(lastStream).writeInt((int) error.code());
    }

    /** @param stream 0 for the connection */
    public static ByteBuf windowUpdate(int stream, int more, ByteBufAllocator allocator) {
        return whole(WINDOW_UPDATE, 0, stream, 4, allocator).writeInt(more);
    }
}
