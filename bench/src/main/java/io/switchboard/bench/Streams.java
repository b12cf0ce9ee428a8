package io.switchboard.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Gives the readers of one lane streams of connections of HTTP/2, so many on each, one connection after the other. Its lane's thread. */
final class Streams {
    /** As browsers have it, so that a slow one does not hold up all others. */
    private static final int STREAM_WINDOW_BYTES = 1 << 20;

    private static final int CONNECTION_WINDOW_BYTES = 15 << 20;

    private final Lane lane;
    private final String scheme;
    private final int perConnection;
    private @Nullable ChannelFuture last;
    private int used; // of the last one

    /** @param scheme http or https */
    Streams(Lane lane, String scheme, int perConnection) {
        this.lane = lane;
        this.scheme = scheme;
        this.perConnection = perConnection;
    }

    /**
     * @param connect opens one more connection; {@link #prepare} makes its pipeline
     */
    void open(Client client, Supplier<ChannelFuture> connect) {
        ChannelFuture carrier = last;
        if (carrier == null || used == perConnection) {
            carrier = connect.get();
            last = carrier;
            used = 0;
        }
        used++;
        Channel connection = carrier.channel();
        carrier.addListener(done -> {
            if (done.cause() == null) open(client, connection);
            else client.gone(Trouble.of(done.cause()));
        });
    }

    private void open(Client client, Channel connection) {
        new Http2StreamChannelBootstrap(connection)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel stream) {
                        stream.pipeline().addLast(new Translation(scheme), client);
                    }
                })
                .open()
                .addListener(done -> {
                    if (done.cause() != null) client.gone(Trouble.of(done.cause()));
                });
    }

    /** What stands behind TLS, if there is any. */
    void prepare(Channel connection) {
        Http2FrameCodec codec = Http2FrameCodecBuilder.forClient()
                .initialSettings(
                        Http2Settings.defaultSettings().pushEnabled(false).initialWindowSize(STREAM_WINDOW_BYTES))
                .build();
        connection
                .pipeline()
                .addLast(
                        new Count(),
                        codec,
                        new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()),
                        new Wider(codec.connection()));
    }

    /** Counts what goes over the wire. */
    private final class Count extends ChannelDuplexHandler {
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

    /** Makes the window of the connection wider at its beginning. */
    private static final class Wider extends ChannelInboundHandlerAdapter {
        private final Http2Connection connection;

        Wider(Http2Connection connection) {
            this.connection = connection;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) throws Http2Exception {
            connection
                    .local()
                    .flowController()
                    .incrementWindowSize(connection.connectionStream(), CONNECTION_WINDOW_BYTES);
            context.flush();
            context.fireChannelActive();
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ReferenceCountUtil.release(message); // of the connection itself, which nobody asks about
        }
    }
}
