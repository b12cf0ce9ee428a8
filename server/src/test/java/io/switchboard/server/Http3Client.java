package io.switchboard.server;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.http3.DefaultHttp3DataFrame;
import io.netty.handler.codec.http3.DefaultHttp3Headers;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ClientConnectionHandler;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3GoAwayFrame;
import io.netty.handler.codec.http3.Http3Headers;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.http3.Http3Settings;
import io.netty.handler.codec.http3.Http3SettingsFrame;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.codec.quic.SslEarlyDataReadyEvent;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** HTTP/3 by Netty's codec, asked from a thread that waits. Belongs to one thread. */
final class Http3Client implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 20;
    private static final int WINDOW = 1 << 20;
    private static final int SILENT_SECONDS = 60;
    private static final QuicSslContext TRUST = QuicSslContextBuilder.forClient()
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .applicationProtocols("h3")
            .earlyData(true) // where it is let
            .build();

    /** Something that came on a stream. */
    sealed interface Event {
        record Head(Http3Headers fields) implements Event {}

        @SuppressWarnings("ArrayRecordComponent") // a carrier in a test
        record Data(byte[] bytes) implements Event {}

        record End() implements Event {}

        record Reset(long error) implements Event {}

        record Lost() implements Event {}
    }

    record Answer(Http3Headers headers, String body) {
        int status() {
            return Integer.parseInt(String.valueOf(headers.status()));
        }

        @Nullable
        String header(String name) {
            CharSequence value = headers.get(name);
            return value == null ? null : value.toString();
        }
    }

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel socket;
    private final QuicChannel channel;
    private final int port;
    private final CompletableFuture<QuicConnectionCloseEvent> closed = new CompletableFuture<>();
    private final CompletableFuture<Http3Settings> settings = new CompletableFuture<>();
    private final BlockingQueue<Long> goAways = new LinkedBlockingQueue<>();
    private final AtomicBoolean early = new AtomicBoolean();

    private Http3Client(
            int port, int window, int silentSeconds, boolean http3, Function<QuicChannel, QuicSslEngine> engines) {
        this.port = port;
        socket = done(new Bootstrap()
                        .group(group)
                        .channel(NioDatagramChannel.class)
                        .handler(Http3.newQuicClientCodecBuilder()
                                .sslEngineProvider(engines)
                                .maxIdleTimeout(silentSeconds, TimeUnit.SECONDS)
                                .initialMaxData(64 << 20)
                                .initialMaxStreamDataBidirectionalLocal(window)
                                .activeConnectionIdLimit(4)
                                .build())
                        .bind(0))
                .channel();
        // What the codec forgets to send again, it is reminded of, as the server's is.
        var _ = socket.eventLoop()
                .scheduleAtFixedRate(
                        () -> socket.pipeline().fireChannelWritabilityChanged(), 200, 200, TimeUnit.MILLISECONDS);
        InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        channel = connected(QuicChannel.newBootstrap(socket)
                .handler(new ChannelInitializer<QuicChannel>() {
                    @Override
                    protected void initChannel(QuicChannel connection) {
                        connection.pipeline().addLast(new Closing());
                        if (http3) connection.pipeline().addLast(frames());
                    }
                })
                .streamHandler(http3 ? new Passing() : new Ignoring())
                .remoteAddress(server)
                .connect());
    }

    private QuicChannel connected(Future<QuicChannel> connecting) {
        try {
            return done(connecting);
        } catch (AssertionError failed) {
            socket.close().awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
            group.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
            throw failed;
        }
    }

    private ChannelHandler frames() {
        return new Http3ClientConnectionHandler(new Control(), null, null, null, true);
    }

    /** What the server says about the connection itself. */
    private final class Control extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object frame) {
            if (frame instanceof Http3SettingsFrame agreed) settings.complete(agreed.settings());
            if (frame instanceof Http3GoAwayFrame away) goAways.add(away.id());
            ReferenceCountUtil.release(frame);
        }
    }

    /** On what the server opens, where the codec comes behind. */
    @Sharable
    private static final class Passing extends ChannelInboundHandlerAdapter {}

    /** On the same, where there is none. */
    @Sharable
    private static final class Ignoring extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
        }
    }

    private final class Closing extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof QuicConnectionCloseEvent why) closed.complete(why);
            if (event instanceof SslEarlyDataReadyEvent) early.set(true);
            ctx.fireUserEventTriggered(event);
        }

        @Override
        @SuppressWarnings("deprecation")
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {} // the connection tells
    }

    static Http3Client connect(int port) {
        return connect(port, WINDOW);
    }

    /** @param window of each of its streams, in bytes */
    static Http3Client connect(int port, int window) {
        return new Http3Client(port, window, SILENT_SECONDS, true, channel -> TRUST.newEngine(channel.alloc()));
    }

    /** One that gives up when it has heard nothing for so many seconds. */
    static Http3Client patient(int port, int silentSeconds) {
        return new Http3Client(port, WINDOW, silentSeconds, true, channel -> TRUST.newEngine(channel.alloc()));
    }

    /** One that goes on with the session of the one before it, and sends at once where that is let (0-RTT). */
    static Http3Client again(int port) {
        return new Http3Client(
                port, WINDOW, SILENT_SECONDS, true, channel -> TRUST.newEngine(channel.alloc(), "localhost", port));
    }

    /** A connection of QUIC on which nothing of HTTP/3 is said but by the test. */
    static Http3Client bare(int port) {
        return new Http3Client(port, WINDOW, SILENT_SECONDS, false, channel -> TRUST.newEngine(channel.alloc()));
    }

    private static <T extends Future<?>> T finished(T future) {
        if (!future.awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS)) throw new AssertionError("not in time");
        if (!future.isSuccess()) throw new AssertionError(future.cause());
        return future;
    }

    private static io.netty.channel.ChannelFuture done(io.netty.channel.ChannelFuture future) {
        return finished(future);
    }

    private static <T> T done(Future<T> future) {
        return Objects.requireNonNull(finished(future).getNow());
    }

    private static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } catch (java.util.concurrent.ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    QuicChannel channel() {
        return channel;
    }

    /** Returns when what was written before has gone to the socket, or waits for room in a window. */
    void settle() {
        finished(channel.eventLoop().submit(() -> {}));
    }

    /**
     * Whether the server has room for another request. Without any, opening a stream fails and yet uses up its number, so
     * that whoever tries again and again is soon beyond all room that it will ever be given.
     */
    boolean mayOpen() {
        return channel.peerAllowedStreams(QuicStreamType.BIDIRECTIONAL) > 0;
    }

    /** Whether it is worth asking: the server has room, and has not said that it goes away. */
    boolean takesMore() {
        return channel.isActive() && !isToldToGo() && mayOpen();
    }

    /** Whether a GOAWAY has come that {@link #goAway} has not given yet. */
    boolean isToldToGo() {
        return !goAways.isEmpty();
    }

    /** Whether the server has let it send before the handshake was complete (0-RTT). */
    boolean wasEarly() {
        return early.get();
    }

    /** What the server has said of itself first. */
    Http3Settings settings() {
        return get(settings);
    }

    /** From which stream on the server takes none; fails if it does not say so. */
    long goAway() {
        try {
            Long stream = goAways.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (stream == null) throw new AssertionError("no GOAWAY came");
            return stream;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** With what error the server has ended the connection. Fails if it did not. */
    long goneWith() {
        return get(closed).error();
    }

    Http3Headers fields(String... namesAndValues) {
        Http3Headers headers = new DefaultHttp3Headers(false);
        for (int i = 0; i < namesAndValues.length; i += 2) headers.add(namesAndValues[i], namesAndValues[i + 1]);
        return headers;
    }

    private Http3Headers head(String method, String path, String... more) {
        return head(method, "127.0.0.1:" + port, path, more);
    }

    /** Of a request; {@code more} are names and values by turns, pseudo-fields first. */
    static Http3Headers head(String method, String authority, String path, String... more) {
        Http3Headers headers = new DefaultHttp3Headers(false);
        headers.method(method).scheme("https").authority(authority).path(path);
        for (int i = 0; i < more.length; i += 2) headers.add(more[i], more[i + 1]);
        return headers;
    }

    /** Asks without a body. */
    Stream ask(String method, String path, String... more) {
        return open().send(head(method, path, more)).end();
    }

    /** Asks with a body. */
    Stream ask(String method, String path, byte[] body, String... more) {
        return open().send(head(method, path, more)).send(body).end();
    }

    /** Asks for a WebSocket (RFC 9220). */
    Stream connectTo(String path, String... more) {
        Stream stream = open();
        Http3Headers headers = head("CONNECT", path, more);
        headers.add(":protocol", "websocket");
        return stream.send(headers);
    }

    Stream open() {
        return open(true);
    }

    /** @param reading whether what comes is taken; if not, what is not taken fills the window */
    Stream open(boolean reading) {
        Stream stream = new Stream();
        stream.channel = done(Http3.newRequestStreamBootstrap(channel, stream)
                .option(ChannelOption.AUTO_READ, reading)
                .create());
        return stream;
    }

    /** A stream on which bytes go out as they are. */
    Stream raw(QuicStreamType type) {
        Stream stream = new Stream();
        stream.channel = done(channel.createStream(type, stream));
        return stream;
    }

    /** One stream. */
    static final class Stream extends ChannelInboundHandlerAdapter {
        private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
        private @Nullable QuicStreamChannel channel;

        QuicStreamChannel channel() {
            return Objects.requireNonNull(channel);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object frame) {
            if (frame instanceof Http3HeadersFrame head) events.add(new Event.Head(head.headers()));
            if (frame instanceof Http3DataFrame data) events.add(new Event.Data(ByteBufUtil.getBytes(data.content())));
            ReferenceCountUtil.release(frame);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownReadComplete) events.add(new Event.End());
        }

        @Override
        @SuppressWarnings("deprecation")
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (cause instanceof QuicStreamResetException reset) {
                events.add(new Event.Reset(reset.applicationProtocolCode()));
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            events.add(new Event.Lost());
        }

        Stream send(Http3Headers headers) {
            channel().writeAndFlush(new DefaultHttp3HeadersFrame(headers));
            return this;
        }

        /** As content. */
        Stream send(byte[] content) {
            for (int at = 0; at < content.length; at += 16_384) {
                int length = Math.min(16_384, content.length - at);
                channel().writeAndFlush(new DefaultHttp3DataFrame(Unpooled.copiedBuffer(content, at, length)));
            }
            return this;
        }

        /** As they are. */
        Stream bytes(int... bytes) {
            byte[] all = new byte[bytes.length];
            for (int i = 0; i < bytes.length; i++) all[i] = (byte) bytes[i];
            return write(all);
        }

        Stream write(byte[] bytes) {
            channel().writeAndFlush(Unpooled.copiedBuffer(bytes));
            return this;
        }

        // Together with a frame: a packet with nothing but the end is not always sent again when it gets lost.
        Stream end() {
            channel().eventLoop().execute(() -> {
                channel().pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
                    @Override
                    public void write(ChannelHandlerContext ctx, Object frame, ChannelPromise promise) {
                        ctx.write(new DefaultQuicStreamFrame((ByteBuf) frame, true), promise);
                    }
                });
                channel().writeAndFlush(new DefaultHttp3DataFrame(Unpooled.EMPTY_BUFFER));
            });
            return this;
        }

        /** Takes more of what has come, where it is not taken by itself. */
        void reading(boolean on) {
            channel().config().setAutoRead(on);
        }

        @Nullable
        Event poll(long millis) {
            try {
                return events.poll(millis, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }

        /** The next thing that comes; fails if nothing does. */
        Event next() {
            Event event = poll(PATIENCE_SECONDS * 1_000L);
            if (event == null) throw new AssertionError("nothing came");
            return event;
        }

        Http3Headers headers() {
            Event event = next();
            if (event instanceof Event.Head(Http3Headers fields)) return fields;
            throw new AssertionError("no head but " + event);
        }

        byte[] data() {
            Event event = next();
            if (event instanceof Event.Data(byte[] bytes)) return bytes;
            throw new AssertionError("no content but " + event);
        }

        /** The whole answer. */
        Answer answer() {
            Http3Headers headers = headers();
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            while (true) {
                switch (next()) {
                    case Event.Data(byte[] bytes) -> body.writeBytes(bytes);
                    case Event.End() -> {
                        return new Answer(headers, body.toString(StandardCharsets.UTF_8));
                    }
                    case Event other -> throw new AssertionError(other + " after " + headers);
                }
            }
        }

        /** The error with which the server has ended the stream. Fails if it did not. */
        long resetWith() {
            while (true) {
                Event event = next();
                if (event instanceof Event.Reset(long error)) return error;
                if (event instanceof Event.End || event instanceof Event.Lost) throw new AssertionError(event);
            }
        }
    }

    @Override
    public void close() {
        channel.close().awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
        socket.close().awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
        group.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS).awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
}
