package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.StreamException;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.switchboard.http.http2.Http2Frames;
import org.jspecify.annotations.Nullable;

/**
 * What comes in on a connection of HTTP/2: the preface, then frames, each given to Netty's reader as soon as it is whole.
 * At most one frame is kept, and one header block, by the reader. Belongs to its connection's loop.
 */
final class Http2Input {
    /** Who is told of frames, and of those that are wrong. */
    interface Listener extends Http2FrameListener {
        /** Whether nothing that comes means anything any more. */
        boolean isClosing();

        /** One stream is wrong; others go on. */
        void fault(StreamException fault);

        void fail(Http2Error error);
    }

    private static final int SMALL_CONTINUATIONS_MAX = 16;

    private final Listener listener;
    private final DefaultHttp2FrameReader reader;
    private int prefaceRead;
    private @Nullable ByteBuf begun; // of a frame whose rest is to come
    private boolean headBegun; // the last frame of a header block is to come

    /** @param headerListBytesMax of a header block (RFC 9113, section 6.5.2); a quarter more ends the connection */
    Http2Input(Listener listener, int headerListBytesMax) {
        this.listener = listener;
        reader = new DefaultHttp2FrameReader(
                new DefaultHttp2HeadersDecoder(true, headerListBytesMax), SMALL_CONTINUATIONS_MAX);
    }

    /** Whether the client has said what it says first. */
    boolean hasPreface() {
        return prefaceRead == Http2Frames.PREFACE.readableBytes();
    }

    /** Whether something has begun and is not whole. */
    boolean isPartial() {
        return begun != null || headBegun || !hasPreface();
    }

    /** Whether that is content, which may come as slowly as that of a request of HTTP/1.1. */
    boolean isContentPartial() {
        ByteBuf part = begun;
        return part != null && part.readableBytes() > 3 && Http2Frames.type(part) == Http2Frames.DATA;
    }

    /** @return whether a frame was whole, and with it all that had begun before */
    boolean received(ChannelHandlerContext ctx, ByteBuf bytes) {
        if (!hasPreface()) preface(bytes);
        if (listener.isClosing() || !bytes.isReadable()) return false;
        ByteBuf all = begun == null ? bytes : begun.writeBytes(bytes);
        boolean whole = frames(ctx, all);
        if (listener.isClosing() || !all.isReadable()) {
            drop();
        } else if (begun == null) {
            begun = Http2Output.allocator().buffer(all.readableBytes()).writeBytes(all);
        } else {
            begun.discardReadBytes();
        }
        return whole;
    }

    private void preface(ByteBuf bytes) {
        while (bytes.isReadable() && !hasPreface()) {
            if (bytes.readByte() != Http2Frames.PREFACE.getByte(prefaceRead)) {
                listener.fail(Http2Error.PROTOCOL_ERROR);
                return;
            }
            prefaceRead++;
        }
    }

    private boolean frames(ChannelHandlerContext ctx, ByteBuf bytes) {
        boolean whole = false;
        while (!listener.isClosing() && bytes.readableBytes() >= Http2Frames.HEADER_BYTES) {
            int length = bytes.getUnsignedMedium(bytes.readerIndex());
            if (length > Http2Frames.CONTENT_BYTES_MAX) {
                listener.fail(Http2Error.FRAME_SIZE_ERROR);
                return whole;
            }
            if (bytes.readableBytes() < Http2Frames.HEADER_BYTES + length) return whole;
            byte type = Http2Frames.type(bytes);
            boolean isHead = type == Http2Frames.HEADERS || type == Http2Frames.CONTINUATION;
            headBegun = isHead && !Http2Frames.endsHeaders(bytes);
            whole |= !headBegun;
            frame(ctx, bytes.readSlice(Http2Frames.HEADER_BYTES + length));
        }
        return whole;
    }

    private void frame(ChannelHandlerContext ctx, ByteBuf bytes) {
        try {
            reader.readFrame(ctx, bytes, listener);
        } catch (StreamException fault) {
            listener.fault(fault);
        } catch (Http2Exception fault) {
            listener.fail(fault.error());
        }
    }

    private void drop() {
        if (begun != null) begun.release();
        begun = null;
    }

    void close() {
        drop();
        reader.close();
    }
}
