package io.switchboard.bench;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.nio.channels.ClosedChannelException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Gives the readers of one lane streams of connections of HTTP/2, so many on each, one connection after the other. Its lane's thread. */
final class Streams {
    /** Of a connection: whether the server takes WebSockets on its streams, by the first settings it told. */
    private static final AttributeKey<Boolean> SOCKETS = AttributeKey.valueOf(Streams.class, "sockets");

    private final Lane lane;
    private final String scheme;
    private final int perConnection;
    private @Nullable Future<Channel> last;
    private int used; // of the last one

    /** @param scheme http or https */
    Streams(Lane lane, String scheme, int perConnection) {
        this.lane = lane;
        this.scheme = scheme;
        this.perConnection = perConnection;
    }

    /** Opens a connection with the pipeline that it is given. */
    interface Connector extends Function<Consumer<Channel>, ChannelFuture> {}

    /** @param connect opens one more connection */
    void open(Client client, Connector connect) {
        Future<Channel> carrier = last;
        if (carrier == null || used == perConnection) {
            carrier = connected(connect);
            last = carrier;
            used = 0;
        }
        used++;
        Future<Channel> chosen = carrier;
        chosen.addListener(done -> {
            if (done.cause() == null) open(client, chosen.getNow());
            else client.gone(Trouble.of(done.cause()));
        });
    }

    /** What the server allows is known when it is there: no WebSocket may be asked for before (RFC 8441, section 3). */
    private Future<Channel> connected(Connector connect) {
        Promise<Channel> told = lane.eventLoop.newPromise();
        connect.apply(channel -> {
                    BrowserCodec.addTo(channel, lane);
                    channel.pipeline()
                            .addLast(
                                    new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()), new Beginning(told));
                })
                .addListener(done -> {
                    if (done.cause() != null) told.tryFailure(done.cause());
                });
        return told;
    }

    private void open(Client client, Channel connection) {
        boolean sockets = Boolean.TRUE.equals(connection.attr(SOCKETS).get());
        new Http2StreamChannelBootstrap(connection)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel stream) {
                        stream.pipeline().addLast(new SharedStream(new Translation(scheme), sockets), client);
                    }
                })
                .open()
                .addListener(done -> {
                    if (done.cause() != null) client.gone(Trouble.of(done.cause()));
                });
    }

    /** Waits for the server's first word. */
    private static final class Beginning extends ChannelInboundHandlerAdapter {
        private final Promise<Channel> told;

        Beginning(Promise<Channel> told) {
            this.told = told;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof Http2SettingsFrame frame) {
                boolean sockets = Boolean.TRUE.equals(frame.settings().connectProtocolEnabled());
                context.channel().attr(SOCKETS).setIfAbsent(sockets);
                told.trySuccess(context.channel());
            }
            ReferenceCountUtil.release(message); // of the connection itself, which nobody else asks about
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            told.tryFailure(cause);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            told.tryFailure(new ClosedChannelException());
        }
    }
}
