package io.switchboard.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;

/**
 * Netty's codec of HTTP/2 with the settings and windows that Chromium 156 sends, and with its way to write heads: shortened by
 * Huffman's code, and no path kept in the table, where it would push out what comes again.
 */
final class BrowserCodec extends Http2FrameCodecBuilder {
    private static final int STREAM_WINDOW_BYTES = 6 << 20;
    private static final int CONNECTION_WINDOW_BYTES = 15 << 20;
    private static final int FIRST_WINDOW_BYTES = (1 << 16) - 1; // RFC 9113, section 6.9.2
    private static final int TABLE_BYTES = 1 << 16;
    private static final int HEAD_BYTES_MAX = 1 << 18;
    private static final int TABLE_FIELDS = 64; // a size to begin with
    private static final int HUFFMAN_ALWAYS = 0;

    private BrowserCodec() {}

    @Override
    public Http2FrameCodec build() {
        Http2Connection connection = new DefaultHttp2Connection(false);
        Http2ConnectionEncoder encoder = new DefaultHttp2ConnectionEncoder(
                connection,
                new DefaultHttp2FrameWriter(new DefaultHttp2HeadersEncoder(
                        (name, value) -> ":path".contentEquals(name), false, TABLE_FIELDS, HUFFMAN_ALWAYS)));
        Http2FrameCodec codec = build(
                new DefaultHttp2ConnectionDecoder(
                        connection,
                        encoder,
                        new DefaultHttp2FrameReader(new DefaultHttp2HeadersDecoder(true, HEAD_BYTES_MAX))),
                encoder,
                new Http2Settings()
                        .headerTableSize(TABLE_BYTES)
                        .pushEnabled(false)
                        .initialWindowSize(STREAM_WINDOW_BYTES)
                        .maxHeaderListSize(HEAD_BYTES_MAX));
        codec.gracefulShutdownTimeoutMillis(0); // whoever closes it waits for nothing
        return codec;
    }

    /** Behind TLS, if there is any; the lane counts the bytes. */
    static void addTo(Channel connection, Lane lane) {
        Http2FrameCodec codec = new BrowserCodec().build();
        connection.pipeline().addLast(new Count(lane), codec, new Beginning(codec.connection()));
    }

    /** Counts what goes over the wire. */
    private static final class Count extends ChannelDuplexHandler {
        private final Lane lane;

        Count(Lane lane) {
            this.lane = lane;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof ByteBuf bytes) lane.bytesIn += bytes.readableBytes();
            context.fireChannelRead(message);
        }

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            if (message instanceof ByteBuf bytes) lane.bytesOut += bytes.readableBytes();
            context.write(message, promise);
        }
    }

    /** Makes the window of the connection wider, and looks whether both agreed on HTTP/2. */
    private static final class Beginning extends ChannelInboundHandlerAdapter {
        private final Http2Connection connection;

        Beginning(Http2Connection connection) {
            this.connection = connection;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) throws Http2Exception {
            connection
                    .local()
                    .flowController()
                    .incrementWindowSize(connection.connectionStream(), CONNECTION_WINDOW_BYTES - FIRST_WINDOW_BYTES);
            context.flush();
            context.fireChannelActive();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            SslHandler tls = context.pipeline().get(SslHandler.class);
            if (event instanceof SslHandshakeCompletionEvent handshake
                    && handshake.isSuccess()
                    && tls != null
                    && !ApplicationProtocolNames.HTTP_2.equals(tls.applicationProtocol())) {
                context.fireExceptionCaught(new Http2Exception(Http2Error.HTTP_1_1_REQUIRED, "not agreed on"));
            } else {
                context.fireUserEventTriggered(event);
            }
        }
    }
}
