package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.switchboard.http.http2.Http2Frames;
import io.switchboard.http.http2.ResponseHead;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What goes out on a connection of HTTP/2: its frames in their order, the window of the peer for all streams together, and
 * whose turn it is where that or the socket is full. Belongs to its connection's loop.
 */
final class Http2Output {
    /** What this side remembers of header fields for a peer, whatever room it offers (RFC 7541, section 4.2). */
    private static final int TABLE_BYTES_MAX = 4_096;

    /** Netty's encoder is made for so many, and remembers no more than 64 bytes for each. */
    private static final int TABLE_FIELDS = TABLE_BYTES_MAX / 64;
    /** So many bytes go to the socket before the end of the turn. */
    private static final int FLUSH_BYTES = 64 * 1024;

    /** Of streams, before other connections have theirs. */
    private static final int TURNS = 4;

    private static final int WINDOW_FIRST = 65_535; // RFC 9113, section 6.9.2

    private final Http2Connection connection;
    private final DefaultHttp2HeadersEncoder encoder =
            new DefaultHttp2HeadersEncoder(ResponseHead.SECRETS, true, TABLE_FIELDS);
    private final ArrayDeque<Http2Stream> held = new ArrayDeque<>(4); // each at most once
    private int window = WINDOW_FIRST;
    private int streamWindow = WINDOW_FIRST; // of a new stream
    private long queued; // bytes that wait in streams
    private int unflushed;
    private boolean proceeding;
    private boolean awaited; // a task that proceeds

    Http2Output(Http2Connection connection) {
        this.connection = connection;
    }

    static ByteBufAllocator allocator() {
        return ByteBufAllocator.DEFAULT;
    }

    // --- the peer's windows

    /** Whether content may go out at once, as far as all streams together are concerned. */
    boolean hasRoom() {
        return window > 0 && connection.hasRoom();
    }

    int window() {
        return window;
    }

    int streamWindow() {
        return streamWindow;
    }

    /** @return false if that is more than a window can be */
    boolean widen(int more) {
        if (more > Integer.MAX_VALUE - Math.max(0, window)) return false;
        window += more;
        return true;
    }

    /** From now on new streams begin with so much; returns how much more or less than before that is. */
    int streamWindow(int bytes) {
        int more = bytes - streamWindow;
        streamWindow = bytes;
        return more;
    }

    /** The peer has so much room for what is remembered of header fields. */
    void tableBytes(long offered) throws Http2Exception {
        encoder.maxHeaderTableSize(Math.min(offered, TABLE_BYTES_MAX));
    }

    // --- whose turn it is

    /** Bytes that wait in all streams. */
    long queued() {
        return queued;
    }

    void queued(long more) {
        queued += more;
    }

    /** The stream is told when it may go on. */
    void hold(Http2Stream stream) {
        if (stream.hold()) held.add(stream);
        if (!proceeding && hasRoom()) proceedLater(); // it has had its turn, and there is room for another one
    }

    void forget(Http2Stream stream) {
        held.remove(stream);
    }

    /** There may be room: streams go on, by turns. */
    void proceed() {
        if (proceeding) return;
        proceeding = true;
        try {
            for (int i = 0; i < TURNS && !held.isEmpty() && hasRoom(); i++)
                held.remove().proceed();
        } finally {
            proceeding = false;
        }
        if (!held.isEmpty() && hasRoom()) proceedLater();
    }

    // Once the loop has looked at its other connections.
    private void proceedLater() {
        if (awaited) return;
        awaited = true;
        connection.loop().execute(() -> {
            awaited = false;
            proceed();
        });
    }

    // --- frames

    /** A frame that is no part of what windows are for. */
    void control(ByteBuf frame) {
        connection.wire().write(frame);
        wrote(frame.readableBytes());
    }

    /** @param end whether nothing follows on this stream */
    void headers(int stream, Http2Headers fields, boolean end) {
        ByteBuf block = allocator().ioBuffer();
        try {
            encoder.encodeHeaders(stream, fields, block);
            Wire wire = connection.wire();
            int flags = end ? Http2Frames.END_STREAM : 0;
            byte type = Http2Frames.HEADERS;
            int bytes = 0;
            do {
                int length = Math.min(block.readableBytes(), Http2Frames.CONTENT_BYTES_MAX);
                if (length == block.readableBytes()) flags |= Http2Frames.END_HEADERS;
                wire.write(Http2Frames.header(type, flags, stream, length, allocator()));
                wire.write(block.readRetainedSlice(length));
                bytes += Http2Frames.HEADER_BYTES + length;
                type = Http2Frames.CONTINUATION;
                flags = 0;
            } while (block.isReadable());
            wrote(bytes); // not before: nothing may come between them
        } catch (Http2Exception e) {
            throw new IllegalStateException("a header block that cannot be written", e); // no peer can bring it about
        } finally {
            block.release();
        }
    }

    /**
     * Content of a stream, no more than a frame and both windows take.
     *
     * @param bytes given away
     * @param gone called once the socket has taken them, or never will
     */
    void data(int stream, ByteBuf bytes, boolean end, @Nullable Runnable gone) {
        int length = bytes.readableBytes();
        window -= length;
        Wire wire = connection.wire();
        int flags = end ? Http2Frames.END_STREAM : 0;
        wire.write(Http2Frames.header(Http2Frames.DATA, flags, stream, length, allocator()));
        if (gone == null) wire.write(bytes);
        else wire.write(bytes, gone);
        connection.streams().sentContent();
        wrote(Http2Frames.HEADER_BYTES + length);
    }

    /** The end of a stream behind all of its content. */
    void end(int stream) {
        data(stream, Unpooled.EMPTY_BUFFER, true, null);
    }

    private void wrote(int bytes) {
        connection.wrote(bytes);
        unflushed += bytes;
        if (unflushed >= FLUSH_BYTES) flush();
    }

    void flush() {
        unflushed = 0;
        connection.wire().flush();
    }

    void close() {
        held.clear();
        encoder.close();
    }
}
