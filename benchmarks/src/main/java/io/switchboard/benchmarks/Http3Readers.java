package io.switchboard.benchmarks;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.http3.DefaultHttp3DataFrame;
import io.netty.handler.codec.http3.DefaultHttp3Headers;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ClientConnectionHandler;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3Headers;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionStats;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Readers of one channel over HTTP/3, which {@code switchboard bench} has none of: what they get, in how many bytes, and what
 * that takes of the server; without a rate, what it keeps for those that get nothing. Messages carry numbers, and every reader
 * checks that none is missing or out of its place.
 *
 * <p>Usage: {@code Http3Readers PORT PID sse|websocket CONNECTIONS STREAMS RATE SECONDS}: the server's port on this machine and
 * its process, streams on each connection, messages a second (0: none). Writes a line of JSON.
 */
public final class Http3Readers {
    private static final int PATIENCE_SECONDS = 30;
    private static final int WARMUP_SECONDS = 4;
    private static final int MESSAGE_BYTES = 128; // as those of the load tool
    private static final int TICKS_A_SECOND = 100; // Linux counts processor time so
    private static final int TEXT = 1; // RFC 6455, section 5.2
    private static final int LONG = 126;
    private static final int LONG_HEADER_BYTES = 4;
    private static final String CHANNEL = "/v1/stream/http3-readers";
    private static final QuicSslContext TRUST = QuicSslContextBuilder.forClient()
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .applicationProtocols("h3")
            .build();

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final int port;
    private final boolean webSocket;
    private final List<QuicChannel> connections = new ArrayList<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong delivered = new AtomicLong();
    private final AtomicLong wrong = new AtomicLong();

    private Http3Readers(int port, boolean webSocket) {
        this.port = port;
        this.webSocket = webSocket;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Http3Readers readers = new Http3Readers(Integer.parseInt(arguments[0]), arguments[2].equals("websocket"));
        Path process = Path.of("/proc", arguments[1]);
        int[] numbers = new int[4]; // connections, streams, rate, seconds
        for (int i = 0; i < numbers.length; i++) numbers[i] = Integer.parseInt(arguments[i + 3]);
        try {
            System.out.println(
                    numbers[2] > 0
                            ? readers.deliver(process, numbers[0], numbers[1], numbers[2], numbers[3])
                            : readers.hold(process, numbers[0], numbers[1], numbers[3]));
        } finally {
            readers.group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private String deliver(Path process, int connected, int streams, int rate, int seconds)
            throws IOException, InterruptedException {
        QuicChannel publisher = connect();
        create(publisher);
        open(connected, streams);
        int sent = publish(publisher, 0, rate, WARMUP_SECONDS);
        settle((long) sent * open.get());
        long before = delivered.get();
        long bytesBefore = received();
        double processorBefore = processorSeconds(process);
        long beganNanos = System.nanoTime();
        int all = publish(publisher, sent, rate, seconds);
        settle((long) all * open.get());
        double took = (System.nanoTime() - beganNanos) / 1e9;
        double processor = processorSeconds(process) - processorBefore;
        long count = delivered.get() - before;
        return String.format(
                Locale.ROOT,
                "{\"perSecond\":%.0f,\"bytesEach\":%.1f,\"processors\":%.3f,\"microsEach\":%.2f,\"missing\":%d,\"wrong\":%d}",
                count / took,
                (double) (received() - bytesBefore) / count,
                processor / took,
                processor * 1e6 / count,
                (long) all * open.get() - delivered.get(),
                wrong.get());
    }

    private String hold(Path process, int connected, int streams, int seconds)
            throws IOException, InterruptedException {
        create(connect());
        open(1, 1); // what is made once
        TimeUnit.SECONDS.sleep(seconds);
        long before = residentBytes(process);
        open(connected, streams);
        TimeUnit.SECONDS.sleep(seconds);
        long more = residentBytes(process) - before;
        int readers = connected * streams;
        return String.format(
                Locale.ROOT,
                "{\"connections\":%d,\"streams\":%d,\"residentBytes\":%d,\"residentBytesEach\":%d}",
                connected,
                readers,
                more,
                more / readers);
    }

    // --- the other side

    private QuicChannel connect() {
        Channel socket = done(new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(Http3.newQuicClientCodecBuilder()
                        .sslContext(TRUST)
                        .maxIdleTimeout(60, TimeUnit.SECONDS)
                        .initialMaxData(64 << 20)
                        .initialMaxStreamDataBidirectionalLocal(1 << 20)
                        .build())
                .bind(0));
        return done(QuicChannel.newBootstrap(socket)
                .handler(new ChannelInitializer<QuicChannel>() {
                    @Override
                    protected void initChannel(QuicChannel connection) {
                        connection.pipeline().addLast(new Http3ClientConnectionHandler(null, null, null, null, true));
                    }
                })
                .streamHandler(new Ignoring())
                .remoteAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .connect());
    }

    private void open(int connected, int streams) {
        int wanted = open.get() + connected * streams;
        for (int i = 0; i < connected; i++) {
            QuicChannel connection = connect();
            connections.add(connection);
            for (int k = 0; k < streams; k++) {
                Http3Headers head = webSocket
                        ? head("CONNECT", CHANNEL, Map.of("sec-websocket-version", "13"))
                                .add(":protocol", "websocket")
                        : head("GET", CHANNEL, Map.of("accept", "text/event-stream"));
                ask(connection, head, !webSocket, webSocket ? new Frames() : new Events());
            }
        }
        until(() -> open.get() == wanted, "not all readers were let in");
    }

    private void create(QuicChannel connection) {
        AtomicInteger status = new AtomicInteger();
        ask(
                connection,
                head("PUT", CHANNEL, Map.of("content-type", "text/plain", "content-length", "0")),
                true,
                new Answer(status));
        until(() -> status.get() / 100 == 2, "the channel was not made");
    }

    /** One after the other, each when it is due and the one before was stored; returns the number of the next one. */
    private int publish(QuicChannel connection, int from, int rate, int seconds) throws InterruptedException {
        long beganNanos = System.nanoTime();
        int count = rate * seconds;
        for (int i = 0; i < count; i++) {
            long wait = beganNanos + i * 1_000_000_000L / rate - System.nanoTime();
            if (wait > 0) TimeUnit.NANOSECONDS.sleep(wait);
            AtomicInteger status = new AtomicInteger();
            String number = (from + i) + " ";
            String message = number + "x".repeat(MESSAGE_BYTES - number.length());
            Http3Headers head = head(
                    "POST",
                    CHANNEL,
                    Map.of("content-type", "text/plain", "content-length", Integer.toString(MESSAGE_BYTES)));
            QuicStreamChannel stream = ask(connection, head, false, new Answer(status));
            stream.writeAndFlush(new DefaultHttp3DataFrame(Unpooled.copiedBuffer(message, StandardCharsets.US_ASCII)))
                    .addListener(written -> stream.shutdownOutput());
            until(() -> status.get() == 204, "an append was not stored");
        }
        return from + count;
    }

    private Http3Headers head(String method, String path, Map<String, String> more) {
        Http3Headers headers = new DefaultHttp3Headers()
                .method(method)
                .scheme("https")
                .authority("127.0.0.1:" + port)
                .path(path);
        more.forEach(headers::add);
        return headers;
    }

    /** @param end whether the head is the whole request */
    private static QuicStreamChannel ask(
            QuicChannel connection, Http3Headers head, boolean end, ChannelInboundHandlerAdapter answer) {
        QuicStreamChannel stream = done(Http3.newRequestStream(connection, answer));
        stream.writeAndFlush(new DefaultHttp3HeadersFrame(head));
        if (end) stream.shutdownOutput();
        return stream;
    }

    private void settle(long wanted) {
        until(() -> delivered.get() >= wanted, "not all was delivered");
    }

    private static void until(BooleanSupplier done, String otherwise) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!done.getAsBoolean()) {
            if (System.nanoTime() > deadline) throw new IllegalStateException(otherwise);
            LockSupport.parkNanos(100_000);
        }
    }

    private static Channel done(ChannelFuture future) {
        finished(future);
        return future.channel();
    }

    private static <T> T done(Future<T> future) {
        finished(future);
        return Objects.requireNonNull(future.getNow());
    }

    private static void finished(Future<?> future) {
        if (!future.awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS))
            throw new IllegalStateException("not in time");
        if (!future.isSuccess()) throw new IllegalStateException(future.cause());
    }

    // --- what it costs

    private long received() {
        long bytes = 0;
        for (QuicChannel connection : connections) {
            QuicConnectionStats stats = done(connection.collectStats());
            bytes += stats.recvBytes();
        }
        return bytes;
    }

    private static double processorSeconds(Path process) throws IOException {
        String stat = Files.readString(process.resolve("stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / (double) TICKS_A_SECOND;
    }

    // After what nobody uses any more is gone.
    private static long residentBytes(Path process) throws IOException, InterruptedException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Process collection = new ProcessBuilder(jcmd, String.valueOf(process.getFileName()), "GC.run")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!collection.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) throw new IOException("jcmd does not end");
        for (String line : Files.readAllLines(process.resolve("status"))) {
            if (line.startsWith("VmRSS:")) return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
        }
        throw new IOException("no VmRSS");
    }

    // --- what comes

    /** On what the server opens itself. */
    @Sharable
    private static final class Ignoring extends ChannelInboundHandlerAdapter {}

    private abstract static class Incoming extends ChannelInboundHandlerAdapter {
        @Override
        public final void channelRead(ChannelHandlerContext ctx, Object frame) {
            if (frame instanceof Http3HeadersFrame head) {
                status(Integer.parseInt(String.valueOf(head.headers().status())));
            } else if (frame instanceof Http3DataFrame data) {
                content(data.content());
            }
            ReferenceCountUtil.release(frame);
        }

        abstract void status(int code);

        abstract void content(ByteBuf bytes);
    }

    private static final class Answer extends Incoming {
        private final AtomicInteger status;

        Answer(AtomicInteger status) {
            this.status = status;
        }

        @Override
        void status(int code) {
            status.set(code);
        }

        @Override
        void content(ByteBuf bytes) {}
    }

    private abstract class Reader extends Incoming {
        private final ByteBuf kept = Unpooled.buffer(256);
        private long next;

        @Override
        final void status(int code) {
            if (code == 200) open.incrementAndGet();
        }

        @Override
        final void content(ByteBuf bytes) {
            kept.writeBytes(bytes);
            take(kept);
            kept.discardReadBytes();
        }

        /** As many whole messages as there are. */
        abstract void take(ByteBuf all);

        /** A message that begins there, with its number. */
        final void message(ByteBuf all, int at) {
            long number = 0;
            for (int i = at; all.getByte(i) != ' '; i++) number = number * 10 + all.getByte(i) - '0';
            if (number != next) wrong.incrementAndGet();
            next = number + 1;
            delivered.incrementAndGet();
        }
    }

    private final class Events extends Reader {
        @Override
        void take(ByteBuf all) {
            for (int end = all.bytesBefore((byte) '\n'); end >= 0; end = all.bytesBefore((byte) '\n')) {
                int line = all.readerIndex();
                if (end > 5 && all.getByte(line) == 'd' && Character.isDigit(all.getByte(line + 5)))
                    message(all, line + 5);
                all.skipBytes(end + 1);
            }
        }
    }

    private final class Frames extends Reader {
        @Override
        void take(ByteBuf all) {
            while (all.readableBytes() >= LONG_HEADER_BYTES) {
                int frame = all.readerIndex();
                boolean isLong = all.getByte(frame + 1) == LONG;
                int header = isLong ? LONG_HEADER_BYTES : 2;
                int whole = header + (isLong ? all.getUnsignedShort(frame + 2) : all.getByte(frame + 1));
                if (all.readableBytes() < whole) return;
                if ((all.getByte(frame) & 0xf) == TEXT) message(all, frame + header);
                all.skipBytes(whole);
            }
        }
    }
}
