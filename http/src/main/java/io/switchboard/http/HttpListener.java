package io.switchboard.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import io.switchboard.core.time.Ticker;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import io.switchboard.http.wire.RequestDecoder;
import io.switchboard.http.wire.RequestGuard;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Listens on one port and runs the event loops. Any thread may call; {@link #bind} and {@link #stop} block.
 */
public final class HttpListener {
    private static final int BACKLOG = 4096;
    private static final WriteBufferWaterMark WRITABLE = new WriteBufferWaterMark(16 * 1024, 32 * 1024);
    private static final long STOP_MILLIS = 1_500;

    private final HttpLimits limits;
    private final MultiThreadIoEventLoopGroup group;
    private final Class<? extends ServerChannel> serverChannel;
    private final List<NettyLoop> loops = new ArrayList<>();
    private final Map<EventLoop, Connections> connections = new HashMap<>();
    private final AtomicInteger open = new AtomicInteger();
    private final Map<InetAddress, Integer> openByAddress = new ConcurrentHashMap<>();
    private final AtomicLong bodyBytesInFlight = new AtomicLong();
    private final Traffic traffic;
    private volatile boolean draining;
    private final List<Channel> bound = new ArrayList<>(); // set by bind, before anybody else sees the listener

    /**
     * @param threads event loops, 1 or more
     * @param traffic moves with what goes on
     * @param accessLog null if nobody wants to hear of requests
     */
    public HttpListener(int threads, HttpLimits limits, Ticker ticker, Traffic traffic, @Nullable AccessLog accessLog) {
        this.traffic = traffic;
        this.limits = limits;
        boolean epoll = Epoll.isAvailable();
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        serverChannel = epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        group = new MultiThreadIoEventLoopGroup(threads, io);
        AtomicLong numbers = new AtomicLong();
        for (EventExecutor executor : group) {
            EventLoop eventLoop = (EventLoop) executor;
            NettyLoop loop = new NettyLoop(eventLoop);
            loops.add(loop);
            connections.put(eventLoop, new Connections(loop, ticker, numbers, traffic, accessLog));
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
        return open.get();
    }

    /**
     * Starts to listen, there too if it already does elsewhere.
     *
     * @param port 0 for any free one
     * @return where it listens
     * @throws IOException if the address cannot be had
     */
    public InetSocketAddress bind(String host, int port, Handler handler) throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(serverChannel)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITABLE)
                .childOption(ChannelOption.MESSAGE_SIZE_ESTIMATOR, FileSizes.INSTANCE)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        accept(channel, handler);
                    }
                });
        try {
            Channel there = bootstrap.bind(host, port).sync().channel();
            bound.add(there);
            return (InetSocketAddress) there.localAddress();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (Exception e) {
            if (e instanceof IOException io) throw io;
            throw new IOException(e);
        }
    }

    private void accept(SocketChannel channel, Handler handler) {
        InetAddress address = channel.remoteAddress().getAddress();
        int all = open.incrementAndGet();
        int fromThere = openByAddress.merge(address, 1, Integer::sum);
        channel.closeFuture().addListener(closed -> {
            open.decrementAndGet();
            openByAddress.computeIfPresent(address, (a, n) -> n == 1 ? null : n - 1);
        });
        if (draining) {
            traffic.turnedAway(Traffic.TurnedAway.DRAINING);
            turnAway(
                    channel,
                    true,
                    "503 Service Unavailable",
                    Problem.of(ErrorCode.UNAVAILABLE, "The server is going down; come back shortly."));
            return;
        }
        if (all > limits.connectionsMax()) {
            traffic.turnedAway(Traffic.TurnedAway.SERVER_FULL);
            turnAway(
                    channel,
                    false,
                    "503 Service Unavailable",
                    Problem.of(ErrorCode.UNAVAILABLE, "The server takes no more connections now; come back shortly."));
            return;
        }
        if (fromThere > limits.connectionsPerAddressMax()) {
            traffic.turnedAway(Traffic.TurnedAway.ADDRESS_FULL);
            turnAway(
                    channel,
                    false,
                    "429 Too Many Requests",
                    Problem.of(ErrorCode.TOO_MANY, "Your address has as many connections open as it may."));
            return;
        }
        Connections here = connections.get(channel.eventLoop());
        if (here == null) throw new IllegalStateException("a channel outside this listener's loops");
        HttpDecoderConfig config = new HttpDecoderConfig()
                .setMaxInitialLineLength(limits.requestLineBytesMax())
                .setMaxHeaderSize(limits.headerBytesMax())
                .setMaxChunkSize(64 * 1024)
                .setInitialBufferSize(256);
        channel.pipeline()
                .addLast(new RequestDecoder(config))
                .addLast(new RequestGuard())
                .addLast(new HttpResponseEncoder())
                .addLast(new Connection(here, handler, limits, bodyBytesInFlight));
    }

    // A flood is answered before anything of it is read, so that it costs no parsing; a probe that asks whether
    // the server goes down is let finish its question, so that the answer reaches it.
    private static void turnAway(SocketChannel channel, boolean afterRequest, String status, Problem problem) {
        byte[] body = problem.json();
        String head = "HTTP/1.1 " + status + "\r\nContent-Type: " + Problem.CONTENT_TYPE + "\r\nContent-Length: "
                + body.length + "\r\nRetry-After: 2\r\nConnection: close\r\n\r\n";
        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            private boolean answered;

            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                if (!afterRequest) answer(ctx);
            }

            @Override
            public void channelRead(ChannelHandlerContext ctx, Object bytes) {
                ReferenceCountUtil.release(bytes);
                answer(ctx);
            }

            @Override
            public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                if (event instanceof ChannelInputShutdownEvent) ctx.close(); // nothing will be asked
            }

            private void answer(ChannelHandlerContext ctx) {
                if (answered) return;
                answered = true;
                ctx.writeAndFlush(Unpooled.wrappedBuffer(head.getBytes(StandardCharsets.ISO_8859_1), body))
                        .addListener(ChannelFutureListener.CLOSE);
            }
        });
    }

    /**
     * Stops: takes no more connections, tells every client to come back at another moment within {@code drain},
     * and waits until all have gone or the time is up. Until then whoever connects is told 503, so that a
     * load balancer sees it.
     */
    public void stop(Duration drain) {
        draining = true;
        if (drain.isZero()) unbind();
        long millis = drain.toMillis();
        for (Connections here : connections.values()) here.loop().execute(() -> here.drain(millis));
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis + STOP_MILLIS / 3);
        while (open.get() > 0 && System.nanoTime() < until) {
            try {
                TimeUnit.MILLISECONDS.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        unbind();
        for (Connections here : connections.values()) here.loop().execute(here::closeAll);
    }

    private void unbind() {
        for (Channel there : bound) there.close().awaitUninterruptibly(STOP_MILLIS);
    }

    /** Ends the event loops; after {@link #stop}, when nothing needs them any more. Blocks. */
    public void close() {
        group.shutdownGracefully(0, STOP_MILLIS, TimeUnit.MILLISECONDS).awaitUninterruptibly(STOP_MILLIS);
    }
}
