package io.switchboard.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ClientConnectionHandler;
import io.netty.handler.codec.http3.Http3SettingsFrame;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Gives the readers of one lane streams of connections of HTTP/3, so many on each, one connection after the other. Its lane's
 * thread. What Netty's codec forgets to send again, of which the server reminds it ({@code Http3Reminder}), stays forgotten
 * here until something comes: this module shares no code with the server, a timer for each of thousands of sockets would be in
 * what is measured, and what is lost of a request shows as a viewer who is late.
 */
final class QuicStreams {
    private static final int STREAM_WINDOW_BYTES = 6 << 20;
    private static final int CONNECTION_WINDOW_BYTES = 15 << 20;
    private static final int CONTROL_WINDOW_BYTES = 1 << 16;
    private static final int CONTROL_STREAMS = 8; // the server opens three
    private static final int IDLE_SECONDS = 600;

    private final Lane lane;
    private final Target target;
    private final int perConnection;
    private final boolean counting;
    private final QuicSslContext tls;
    private @Nullable Future<QuicChannel> last;
    private int used; // of the last one

    QuicStreams(Lane lane, Target target, int perConnection, boolean counting) {
        this.lane = lane;
        this.target = target;
        this.perConnection = perConnection;
        this.counting = counting;
        QuicSslContextBuilder builder =
                QuicSslContextBuilder.forClient().applicationProtocols(Http3.supportedApplicationProtocols());
        target.trust().ifPresent(builder::trustManager);
        this.tls = builder.build();
    }

    /** @throws BenchFailure if QUIC cannot be spoken here */
    static void check() throws BenchFailure {
        if (Quic.isAvailable()) return;
        throw BenchFailure.failed(
                "HTTP/3 cannot be spoken from here: the native library of QUIC (netty-codec-native-quic) is not there for"
                        + " this system; leave --http 3 away.");
    }

    void open(Client client) {
        Future<QuicChannel> carrier = last;
        if (carrier == null || used == perConnection) {
            Wire wire = counting ? new Wire(client.lane) : null;
            client.begins(wire); // the first of them counts for all
            carrier = connected(wire);
            last = carrier;
            used = 0;
        } else {
            client.begins(null);
        }
        used++;
        Future<QuicChannel> chosen = carrier;
        chosen.addListener(done -> {
            if (done.cause() != null) {
                client.gone(Trouble.of(done.cause()));
                return;
            }
            QuicChannel connection = chosen.getNow();
            connection.closeFuture().addListener(closed -> client.gone(Trouble.CLOSED));
            new QuicStream(connection, client, new Translation("https"), perConnection == 1).open();
        });
    }

    /** There once the server has told what it allows. */
    private Future<QuicChannel> connected(@Nullable Wire wire) {
        Promise<QuicChannel> told = lane.eventLoop.newPromise();
        new Bootstrap()
                .group(lane.eventLoop)
                .channel(Epoll.isAvailable() ? EpollDatagramChannel.class : NioDatagramChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel socket) {
                        if (wire != null) socket.pipeline().addLast(wire);
                        socket.pipeline()
                                .addLast(
                                        new DatagramCount(lane),
                                        Http3.newQuicClientCodecBuilder()
                                                .sslEngineProvider(connection -> tls.newEngine(
                                                        connection.alloc(),
                                                        target.host(),
                                                        target.address().getPort()))
                                                .maxIdleTimeout(IDLE_SECONDS, TimeUnit.SECONDS)
                                                .initialMaxData(CONNECTION_WINDOW_BYTES)
                                                .initialMaxStreamDataBidirectionalLocal(STREAM_WINDOW_BYTES)
                                                .initialMaxStreamDataUnidirectional(CONTROL_WINDOW_BYTES)
                                                .initialMaxStreamsUnidirectional(CONTROL_STREAMS)
                                                .build());
                    }
                })
                .bind(0)
                .addListener((ChannelFutureListener) bound -> {
                    if (bound.cause() == null) connect(bound.channel(), told);
                    else told.tryFailure(bound.cause());
                });
        return told;
    }

    private void connect(Channel socket, Promise<QuicChannel> told) {
        QuicChannel.newBootstrap(socket)
                .handler(new ChannelInitializer<QuicChannel>() {
                    @Override
                    protected void initChannel(QuicChannel connection) {
                        connection.closeFuture().addListener(closed -> {
                            told.tryFailure(new ClosedChannelException());
                            socket.close();
                        });
                        connection
                                .pipeline()
                                .addLast(new Http3ClientConnectionHandler(
                                        new Beginning(connection, told), null, null, null, true));
                    }
                })
                .streamHandler(new ChannelInitializer<QuicStreamChannel>() {
                    @Override
                    protected void initChannel(QuicStreamChannel stream) {} // what HTTP/3 opens for itself
                })
                .remoteAddress(target.address())
                .connect()
                .addListener(done -> {
                    if (done.cause() == null) return;
                    told.tryFailure(done.cause());
                    socket.close();
                });
    }

    /** Waits for the server's first word. */
    private static final class Beginning extends ChannelInboundHandlerAdapter {
        private final QuicChannel connection;
        private final Promise<QuicChannel> told;

        Beginning(QuicChannel connection, Promise<QuicChannel> told) {
            this.connection = connection;
            this.told = told;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof Http3SettingsFrame) told.trySuccess(connection);
            ReferenceCountUtil.release(message);
        }
    }
}
