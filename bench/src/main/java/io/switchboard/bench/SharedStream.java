package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;

/** Lets a client of HTTP/1.1 use one of many streams of a connection of HTTP/2 as its connection, for one request. One thread. */
final class SharedStream extends ChannelDuplexHandler {
    private final Translation translation;
    private final boolean sockets;
    private boolean asked;

    /** @param sockets whether the server takes WebSockets on streams (RFC 8441); whoever asks for one otherwise fails */
    SharedStream(Translation translation, boolean sockets) {
        this.translation = translation;
        this.sockets = sockets;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        ByteBuf bytes = (ByteBuf) message;
        if (asked) {
            context.write(new DefaultHttp2DataFrame(bytes), context.newPromise());
            return;
        }
        asked = true;
        Http2Headers head = translation.head(bytes.toString(US_ASCII));
        bytes.release();
        if (translation.isSocket() && !sockets) {
            promise.setFailure(noSockets());
            context.fireExceptionCaught(noSockets());
            return;
        }
        context.write(new DefaultHttp2HeadersFrame(head, !translation.isSocket()), context.newPromise());
    }

    static Http2Exception noSockets() {
        return new Http2Exception(Http2Error.HTTP_1_1_REQUIRED, "no WebSocket over HTTP/2 (RFC 8441)");
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        boolean ends = false;
        switch (message) {
            case Http2HeadersFrame frame -> {
                ends = frame.isEndStream();
                context.fireChannelRead(translation.answer(frame));
            }
            case Http2DataFrame frame -> {
                ends = frame.isEndStream();
                context.fireChannelRead(frame.content());
            }
            default -> ReferenceCountUtil.release(message);
        }
        if (ends) context.close(); // as the end of a connection is
    }
}
