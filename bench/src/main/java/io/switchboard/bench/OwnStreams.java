package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2ChannelDuplexHandler;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * Lets a client of HTTP/1.1 have a connection of HTTP/2 for itself: a stream for each of its requests, one after the other, of
 * which each is written at once; or one for its WebSocket. One thread.
 */
final class OwnStreams extends Http2ChannelDuplexHandler {
    private static final ByteBuf EMPTY_LINE = Unpooled.unreleasableBuffer(Unpooled.copiedBuffer("\r\n\r\n", US_ASCII));

    private final Translation translation;
    private @Nullable Http2FrameStream current; // the last one that was opened
    private @Nullable ByteBuf handshake; // until the server has told whether it takes one (RFC 8441, section 3)
    private boolean told;
    private boolean goingAway;
    private boolean untilEnd; // the answer under way told no length

    OwnStreams(Translation translation) {
        this.translation = translation;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        ByteBuf bytes = (ByteBuf) message;
        Http2FrameStream stream = current;
        if (stream != null && translation.isSocket()) {
            write(context, new DefaultHttp2DataFrame(bytes).stream(stream));
            return;
        }
        if (goingAway) {
            bytes.release();
            context.close();
            return;
        }
        request(context, bytes);
    }

    private void request(ChannelHandlerContext context, ByteBuf bytes) {
        int end = headLength(bytes);
        Http2Headers head = translation.head(bytes.toString(bytes.readerIndex(), end, US_ASCII));
        if (translation.isSocket() && !told) {
            handshake = bytes;
            return;
        }
        bytes.skipBytes(end);
        boolean whole = !translation.isSocket() && !bytes.isReadable();
        Http2FrameStream stream = newStream();
        current = stream;
        write(context, new DefaultHttp2HeadersFrame(head, whole).stream(stream));
        if (bytes.isReadable()) write(context, new DefaultHttp2DataFrame(bytes, true).stream(stream));
        else bytes.release();
    }

    /** Of the head that a request begins with, its empty line with it. */
    static int headLength(ByteBuf bytes) {
        return ByteBufUtil.indexOf(EMPTY_LINE, bytes) - bytes.readerIndex() + EMPTY_LINE.readableBytes();
    }

    private static void write(ChannelHandlerContext context, Object frame) {
        context.write(frame, context.newPromise()).addListener(done -> {
            if (done.cause() != null) context.fireExceptionCaught(done.cause());
        });
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Http2Exception {
        switch (message) {
            case Http2HeadersFrame frame -> {
                if (frame.stream().equals(current)) head(context, frame);
            }
            case Http2DataFrame frame -> {
                int length = frame.initialFlowControlledBytes();
                boolean ends = frame.isEndStream() && frame.stream().equals(current);
                Http2FrameStream stream = frame.stream();
                if (stream.equals(current)) context.fireChannelRead(frame.content());
                else frame.release();
                // Taken: the server may send as much again.
                if (length > 0) write(context, new DefaultHttp2WindowUpdateFrame(length).stream(stream));
                // What the client asks next may have begun another stream meanwhile.
                if (ends && stream.equals(current)) ended(context);
            }
            case Http2ResetFrame frame -> {
                if (frame.stream().equals(current)) context.close();
            }
            case Http2SettingsFrame frame -> settings(context, frame.settings());
            case Http2GoAwayFrame frame -> {
                goingAway = true;
                frame.release();
            }
            default -> ReferenceCountUtil.release(message);
        }
    }

    private void head(ChannelHandlerContext context, Http2HeadersFrame frame) {
        if (frame.headers().status() == null) { // fields behind an answer, of which none is of use here
            if (frame.isEndStream()) ended(context);
            return;
        }
        untilEnd = !frame.isEndStream() && !frame.headers().contains("content-length");
        context.fireChannelRead(translation.answer(frame));
    }

    /** Where no length told when the answer is whole, its end does, as the end of a connection of HTTP/1.1. */
    private void ended(ChannelHandlerContext context) {
        if (untilEnd) context.close();
    }

    private void settings(ChannelHandlerContext context, Http2Settings settings) throws Http2Exception {
        told = true;
        ByteBuf waiting = handshake;
        if (waiting == null) return;
        handshake = null;
        if (Boolean.TRUE.equals(settings.connectProtocolEnabled())) {
            request(context, waiting);
            context.flush();
        } else {
            waiting.release();
            throw SharedStream.noSockets();
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) {
        ByteBuf waiting = handshake;
        handshake = null;
        if (waiting != null) waiting.release();
    }
}
