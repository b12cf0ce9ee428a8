package io.switchboard.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import javax.net.ssl.SSLException;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** The event loops of one run, and the way to open connections on them. One thread, which may block, calls it. */
final class Engine implements AutoCloseable {
    /** As many as a server takes from one address unless it is told otherwise, but for those that control takes. */
    private static final int CONNECTIONS_A_SOURCE = 14_000;

    private static final long STOP_MILLIS = 2_000;
    private static final ApplicationProtocolConfig HTTP_2 = new ApplicationProtocolConfig(
            ApplicationProtocolConfig.Protocol.ALPN,
            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
            ApplicationProtocolNames.HTTP_2);

    final Span span = new Span();
    final long epoch;
    final Target target;
    private final LongSupplier clock;
    private final MultiThreadIoEventLoopGroup group;
    private final List<Lane> lanes = new ArrayList<>();
    private final List<Bootstrap> bootstraps = new ArrayList<>();
    private final List<Long> threads = new ArrayList<>();
    private final @Nullable SslContext tls;
    private final @Nullable SslContext http2Tls;
    private final int http;
    private final Map<Lane, Streams> streams = new HashMap<>(); // where readers share connections
    private final Map<Lane, QuicStreams> quic = new HashMap<>(); // over HTTP/3
    private final int sources;
    private final boolean counting;

    /**
     * @param connections that will be opened, for the number of source addresses
     * @param size of messages
     */
    Engine(Target target, Settings settings, int connections, int size, LongSupplier clock) throws BenchFailure {
        this(target, settings, settings.threads(), connections, size, clock, false);
    }

    /** @param counting whether bytes are counted as TCP carries them, too */
    Engine(
            Target target,
            Settings settings,
            int threads,
            int connections,
            int size,
            LongSupplier clock,
            boolean counting)
            throws BenchFailure {
        this.counting = counting;
        this.target = target;
        this.clock = clock;
        this.epoch = clock.getAsLong();
        this.tls = target.isTls() ? tls(target, ApplicationProtocolConfig.DISABLED) : null;
        this.http = settings.http();
        if (http == 3) QuicStreams.check();
        this.http2Tls = target.isTls() && http == 2 ? tls(target, HTTP_2) : null;
        int needed = Math.ceilDiv(connections, CONNECTIONS_A_SOURCE);
        this.sources = settings.sources() > 0 ? settings.sources() : target.hasSources() ? needed : 1;
        boolean epoll = Epoll.isAvailable();
        group = new MultiThreadIoEventLoopGroup(
                threads,
                new DefaultThreadFactory("bench", true),
                epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        for (EventExecutor executor : group) {
            Lane lane = new Lane((EventLoop) executor, clock, span, size);
            lanes.add(lane);
            bootstraps.add(bootstrap(lane, epoll));
            if (http == 2 && settings.streams() > 1)
                streams.put(lane, new Streams(lane, target.scheme(), settings.streams()));
            if (http == 3) quic.put(lane, new QuicStreams(lane, target, settings.streams(), counting));
            this.threads.add(on(lane, any -> Thread.currentThread().threadId()));
        }
    }

    private static SslContext tls(Target target, ApplicationProtocolConfig protocols) throws BenchFailure {
        try {
            SslContextBuilder builder = SslContextBuilder.forClient().applicationProtocolConfig(protocols);
            target.trust().ifPresent(builder::trustManager);
            return builder.build();
        } catch (SSLException unusable) {
            throw BenchFailure.failed("TLS is not to be had on this machine.");
        }
    }

    private static Bootstrap bootstrap(Lane lane, boolean epoll) {
        Bootstrap bootstrap = new Bootstrap()
                .group(lane.eventLoop)
                .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                // The fleet looks at all of them in turn; a timer each would be one too many.
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0);
        if (epoll) bootstrap.option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
        return bootstrap;
    }

    List<Lane> lanes() {
        return lanes;
    }

    /** The lane of the connection with this number, from 0. */
    Lane lane(int number) {
        return lanes.get(number % lanes.size());
    }

    long now() {
        return clock.getAsLong();
    }

    /**
     * Opens a connection, or for a reader that shares one of HTTP/2 or HTTP/3 a stream of it.
     *
     * @param number of the client, from 0; its source address goes by it, in turns
     */
    void connect(Client client, int number) {
        QuicStreams datagrams = client.isReader() ? quic.get(client.lane) : null;
        if (datagrams != null) {
            client.lane.eventLoop.execute(() -> datagrams.open(client));
            return;
        }
        boolean isHttp2 = http == 2 && client.isReader();
        SslContext context = isHttp2 ? http2Tls : tls;
        Streams shared = isHttp2 ? streams.get(client.lane) : null;
        if (shared != null) {
            client.lane.eventLoop.execute(() -> {
                client.begins(null);
                shared.open(client, prepare -> {
                    Wire wire = counting ? new Wire(client.lane) : null;
                    client.begins(wire); // the first of them counts for all
                    return connect(client.lane, number, context, prepare, wire);
                });
            });
            return;
        }
        Wire alone = counting ? new Wire(client.lane) : null;
        client.begins(alone);
        connect(client.lane, number, context, channel -> prepare(channel, client, isHttp2), alone)
                .addListener(done -> {
                    Throwable cause = done.cause();
                    // What fails before it has a loop is told elsewhere.
                    if (cause != null) client.lane.eventLoop.execute(() -> client.gone(Trouble.of(cause)));
                });
    }

    private void prepare(Channel channel, Client client, boolean isHttp2) {
        if (isHttp2) {
            BrowserCodec.addTo(channel, client.lane);
            channel.pipeline().addLast(new OwnStreams(new Translation(target.scheme())));
        }
        channel.pipeline().addLast(client);
    }

    private ChannelFuture connect(
            Lane lane, int number, @Nullable SslContext context, Consumer<Channel> prepare, @Nullable Wire wire) {
        Bootstrap bootstrap = bootstraps.get(lanes.indexOf(lane)).clone();
        bootstrap.handler(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                if (wire != null) channel.pipeline().addLast(wire);
                if (context != null) channel.pipeline().addLast(secure(context, channel));
                prepare.accept(channel);
            }
        });
        if (sources > 1) bootstrap.localAddress(source(number));
        return bootstrap.connect(target.address());
    }

    private SslHandler secure(SslContext context, Channel channel) {
        SslHandler handler = context.newHandler(
                channel.alloc(), target.host(), target.address().getPort());
        handler.setHandshakeTimeoutMillis(0);
        return handler;
    }

    private InetSocketAddress source(int number) {
        return new InetSocketAddress("127.0.0." + (2 + number % sources), 0);
    }

    /** What has been counted, and the delays since this was asked the last time. */
    Totals totals(Histogram into) {
        Totals totals = Totals.NONE;
        for (Lane lane : lanes) {
            totals = totals.plus(lane.eventLoop
                    .submit(() -> {
                        into.add(lane.takeDelays());
                        return lane.totals();
                    })
                    .syncUninterruptibly()
                    .getNow());
        }
        return totals;
    }

    /** What has been counted; delays stay where they are. */
    Totals counted() {
        Totals totals = Totals.NONE;
        for (Lane lane : lanes) {
            totals = totals.plus(
                    lane.eventLoop.submit(lane::totals).syncUninterruptibly().getNow());
        }
        return totals;
    }

    /** Asks on the lane's own thread, and waits. */
    static long on(Lane lane, ToLongFunction<Lane> question) {
        return lane.eventLoop
                .submit(() -> question.applyAsLong(lane))
                .syncUninterruptibly()
                .getNow();
    }

    /** Processor time of each lane's thread, in nanoseconds. */
    long[] cpu() {
        return Machine.cpuNanos(threads);
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, STOP_MILLIS, TimeUnit.MILLISECONDS).awaitUninterruptibly(STOP_MILLIS);
    }
}
