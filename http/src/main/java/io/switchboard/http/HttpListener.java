package io.switchboard.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.util.concurrent.EventExecutor;
import io.switchboard.core.time.Ticker;
import io.switchboard.http.caller.Caller;
import io.switchboard.http.tls.Certificates;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import io.switchboard.http.wire.RequestDecoder;
import io.switchboard.http.wire.RequestGuard;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens on one port and runs the event loops. Any thread may call; {@link #bind} and {@link #stop} block.
 */
public final class HttpListener {
    private static final int BACKLOG = 4096;
    private static final WriteBufferWaterMark WRITABLE = new WriteBufferWaterMark(Wire.ROOM_BYTES, Wire.FULL_BYTES);
    /** The same where many streams share a connection. */
    private static final WriteBufferWaterMark SHARED =
            new WriteBufferWaterMark(4 * Wire.ROOM_BYTES, 4 * Wire.FULL_BYTES);

    private static final long STOP_MILLIS = 1_500;
    /** Of the end of a connection: to its streams, to what they read, to where that is kept. */
    private static final int TELLINGS = 3;

    private static final int READ_BYTES_FIRST = 2 * 1024;
    private static final int READ_BYTES_MIN = 64;
    /** Connections beyond a limit that are told so over TLS, which takes a handshake; more are closed without a word. */
    private static final int REFUSED_AT_ONCE_MAX = 256;

    private static final Problem DRAINING =
            Problem.of(ErrorCode.UNAVAILABLE, "The server is going down; come back shortly.");
    private static final Problem FULL =
            Problem.of(ErrorCode.UNAVAILABLE, "The server takes no more connections now; come back shortly.");
    private static final Problem TOO_MANY =
            Problem.of(ErrorCode.TOO_MANY, "Your address has as many connections open as it may.");

    /** For so long clients may remember that HTTP/3 is spoken here; RFC 7838 has a day where nothing is said. */
    private static final int ALTERNATIVE_SECONDS = 3_600;
    /** Where any port will do, the system looks for one that is free for TCP; for UDP it may be taken. */
    private static final int PORTS_TRIED = 8;

    private static final Logger LOG = LoggerFactory.getLogger(HttpListener.class);

    private final HttpLimits limits;
    private final Ticker ticker;
    private final MultiThreadIoEventLoopGroup group;
    private final Class<? extends ServerChannel> serverChannel;
    private final List<NettyLoop> loops = new ArrayList<>();
    private final Map<EventLoop, Connections> connections = new HashMap<>();
    private final Headcount headcount = new Headcount();
    private final AtomicLong bodyBytesInFlight = new AtomicLong();
    private final Traffic traffic;
    private volatile @Nullable Farewell farewell; // null until it goes down
    // Set by bind, before anybody else sees the listener.
    private final List<Channel> bound = new ArrayList<>();
    private final List<Channel> datagrams = new ArrayList<>(); // through which connections go, too

    /**
     * @param threads event loops, 1 or more
     * @param traffic moves with what goes on
     * @param accessLog null if nobody wants to hear of requests
     */
    public HttpListener(int threads, HttpLimits limits, Ticker ticker, Traffic traffic, @Nullable AccessLog accessLog) {
        this.traffic = traffic;
        this.limits = limits;
        this.ticker = ticker;
        boolean epoll = Epoll.isAvailable();
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        serverChannel = epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        group = new MultiThreadIoEventLoopGroup(threads, io);
        AtomicLong numbers = new AtomicLong();
        MessageLimit messageLimit = MessageLimit.of(limits.bodyBytesMax());
        for (EventExecutor executor : group) {
            EventLoop eventLoop = (EventLoop) executor;
            NettyLoop loop = new NettyLoop(eventLoop);
            loops.add(loop);
            connections.put(eventLoop, new Connections(loop, ticker, numbers, traffic, messageLimit, accessLog));
        }
    }

    /** The event loops, for whatever shall run on them. */
    public List<NettyLoop> loops() {
        return List.copyOf(loops);
    }

    /** Who is connected and stays. */
    public Sessions sessions() {
        return new Sessions(List.copyOf(connections.values()));
    }

    /** Connections open now. */
    public int openConnections() {
        return headcount.open();
    }

    /**
     * Starts to listen, there too if it already does elsewhere.
     *
     * @param port 0 for any free one
     * @return where it listens
     * @throws IOException if the address cannot be had
     */
    public InetSocketAddress bind(String host, int port, Front front, Handler handler) throws IOException {
        Reception reception = new Reception(handler, bodyBytesInFlight, front.forwarding(), new AtomicReference<>());
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(serverChannel)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITABLE)
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR, new ReadSizes(READ_BYTES_MIN, READ_BYTES_FIRST, Scratch.BYTES))
                .childOption(ChannelOption.MESSAGE_SIZE_ESTIMATOR, FileSizes.INSTANCE)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        accept(channel, front, reception);
                    }
                });
        try {
            for (int left = port == 0 ? PORTS_TRIED : 1; ; left--) {
                Channel there = bootstrap.bind(host, port).sync().channel();
                bound.add(there);
                InetSocketAddress address = (InetSocketAddress) there.localAddress();
                if (openHttp3(address, front, reception, left == 1)) return address;
                bound.remove(there);
                there.close().sync();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (Exception e) {
            if (e instanceof IOException io) throw io;
            throw new IOException(e);
        }
    }

    // Whoever cannot come this way comes by TCP: nothing fails because of it. False if another port is worth a try.
    private boolean openHttp3(InetSocketAddress address, Front front, Reception reception, boolean last) {
        Front.Http3 http3 = front.http3();
        Certificates certificates = front.certificates();
        if (http3 == null) return true;
        if (certificates == null) {
            LOG.warn("HTTP/3 is not spoken: it needs a certificate (tls.certificate, tls.key)");
            return true;
        }
        Throwable missing = missing();
        if (missing != null) {
            LOG.warn("HTTP/3 is not spoken: its native library cannot be used on this system ({})", missing.toString());
            return true;
        }
        Http3Port.House house =
                new Http3Port.House(limits, ticker, traffic, headcount, loop -> here(loop), () -> farewell != null);
        List<EventLoop> eventLoops = loops.stream().map(NettyLoop::eventLoop).toList();
        try {
            datagrams.addAll(Http3Port.open(address, eventLoops, house, reception, certificates));
        } catch (IOException e) {
            if (!last) return false;
            LOG.warn("HTTP/3 is not spoken: port {} of UDP cannot be opened ({})", address.getPort(), e.getMessage());
            return true;
        }
        int port = http3.announcedPort() == 0 ? address.getPort() : http3.announcedPort();
        reception.alternative().set("h3=\":" + port + "\"; ma=" + ALTERNATIVE_SECONDS);
        return true;
    }

    // Without the library's classes there is not even somebody to ask.
    private static @Nullable Throwable missing() {
        try {
            return Http3Port.missing();
        } catch (LinkageError absent) {
            return absent;
        }
    }

    /** Whether a port of UDP is open for HTTP/3. Whoever has bound it. */
    public boolean speaksHttp3() {
        return !datagrams.isEmpty();
    }

    private Connections here(EventLoop loop) {
        Connections here = connections.get(loop);
        if (here == null) throw new IllegalStateException("a channel outside this listener's loops");
        return here;
    }

    private void accept(SocketChannel channel, Front front, Reception reception) {
        InetAddress address = channel.remoteAddress().getAddress();
        Headcount.Guest guest = headcount.enter(channel);
        // A proxy is many clients: its connections are counted for those it names.
        boolean isProxy = front.forwarding().trusted().contains(address);
        boolean proxyHeader = isProxy && front.proxyProtocol();
        int excess = guest.all() - limits.connectionsMax();
        Farewell leaving = farewell;
        Problem problem = leaving != null ? DRAINING : excess > 0 ? FULL : null;
        if (problem == null && !isProxy) {
            excess = guest.comesFrom(address) - limits.connectionsPerAddressMax();
            if (excess > 0) problem = TOO_MANY;
        }
        if (problem != null) traffic.turnedAway(reason(problem));
        LastWord refusal = problem == null ? null : new LastWord(problem, leaving);
        if (refusal != null && front.certificates() == null && !proxyHeader) {
            channel.pipeline().addLast(refusal);
            return;
        }
        if (excess > REFUSED_AT_ONCE_MAX) {
            channel.close();
            return;
        }
        Connections here = here(channel.eventLoop());
        Entrance.Hall hall = new Entrance.Hall() {
            @Override
            public @Nullable Problem refusal(InetAddress client) {
                if (guest.comesFrom(client) <= limits.connectionsPerAddressMax()) return null;
                traffic.turnedAway(reason(TOO_MANY));
                return TOO_MANY;
            }

            @Override
            public void open(ChannelPipeline pipeline, Caller caller, boolean http2) {
                if (refusal != null) pipeline.addLast(http2 ? refusal.overHttp2() : refusal);
                else if (http2) speakHttp2(pipeline, here, reception, caller);
                else speakHttp(pipeline, here, reception, caller, guest);
            }
        };
        channel.pipeline().addLast(new Entrance(here, limits, front, address, proxyHeader, hall));
    }

    private static Traffic.TurnedAway reason(Problem problem) {
        if (problem.equals(DRAINING)) return Traffic.TurnedAway.DRAINING;
        return problem.equals(FULL) ? Traffic.TurnedAway.SERVER_FULL : Traffic.TurnedAway.ADDRESS_FULL;
    }

    private void speakHttp(
            ChannelPipeline pipeline, Connections here, Reception reception, Caller caller, Headcount.Guest guest) {
        HttpDecoderConfig config = new HttpDecoderConfig()
                .setMaxInitialLineLength(limits.requestLineBytesMax())
                .setMaxHeaderSize(limits.headerBytesMax())
                .setMaxChunkSize(64 * 1024)
                .setInitialBufferSize(256);
        pipeline.addLast(new RequestDecoder(config, limits.headersMax()))
                .addLast(new RequestGuard())
                .addLast(new HttpResponseEncoder())
                .addLast(new Connection(here, limits, reception, caller, guest));
    }

    private void speakHttp2(ChannelPipeline pipeline, Connections here, Reception reception, Caller caller) {
        pipeline.channel().config().setWriteBufferWaterMark(SHARED);
        pipeline.addLast(new Http2Connection(here, limits, reception, caller));
    }

    /**
     * Stops: takes no more connections, has every client leave and come back at moments of its own, and waits until all
     * have gone or the time is up. Until then whoever connects is told 503, so that a load balancer sees it.
     */
    public void stop(Duration drain, Farewell told) {
        farewell = told;
        if (drain.isZero()) unbind();
        long millis = drain.toMillis();
        for (Connections here : connections.values()) here.loop().execute(() -> here.drain(told));
        awaitNobody(millis + STOP_MILLIS / 3);
        unbind();
        for (Connections here : connections.values()) here.loop().execute(here::closeAll);
        for (Channel there : datagrams) there.close().awaitUninterruptibly(STOP_MILLIS);
        awaitNobody(STOP_MILLIS / 3);
        settle();
    }

    private void awaitNobody(long millis) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (headcount.open() > 0 && System.nanoTime() < until) {
            try {
                TimeUnit.MILLISECONDS.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
    }

    // What has ended is told on its own loop, and from there on others: none of them ends before that is heard.
    private void settle() {
        for (int i = 0; i < TELLINGS; i++) {
            for (NettyLoop loop : loops) loop.eventLoop().submit(() -> {}).awaitUninterruptibly(STOP_MILLIS);
        }
    }

    private void unbind() {
        for (Channel there : bound) there.close().awaitUninterruptibly(STOP_MILLIS);
    }

    /** Ends the event loops; after {@link #stop}, when nothing needs them any more. Blocks. */
    public void close() {
        group.shutdownGracefully(0, STOP_MILLIS, TimeUnit.MILLISECONDS).awaitUninterruptibly(STOP_MILLIS);
    }
}
