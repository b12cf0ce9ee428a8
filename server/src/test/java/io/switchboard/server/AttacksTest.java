package io.switchboard.server;

import static io.switchboard.server.TestServer.JSON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.util.ResourceLeakDetector;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Hostile traffic as ordinary traffic: many clients that are slow, that flood, or that come and go. Beside each attack a
 * healthy reader gets every message, in order and soon; after it the process holds what it held before.
 */
@Tag("slow")
class AttacksTest {
    private static final String UPGRADE = """
            GET /v1/stream/healthy?offset=now HTTP/1.1
            Host: h
            Upgrade: websocket
            Connection: Upgrade
            Sec-WebSocket-Version: 13
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==

            """.replace("\n", "\r\n");
    private static final String LINE = UPGRADE.replace("/v1/stream/healthy?offset=now", "/live");
    private static final String POST =
            "POST /v1/stream/healthy HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n";
    private static final int FLOOD_BYTES = 1_000_000;

    /** The connections that stay: of the healthy reader, and of the client that appends. */
    private static final int HEALTHY = 2;

    private static final long SOON_MILLIS = 250;
    private static final long DIRECT_SLACK_BYTES = 16L << 20;

    enum Port {
        PLAIN,
        TLS,
        PROXY
    }

    enum After {
        /** The server ends the connection by itself, in time. */
        THE_SERVER_ENDS_IT,
        THE_ATTACKER_LEAVES
    }

    /**
     * What each of many clients does.
     *
     * @param begin what it sends, to the last byte
     * @param flood what it sends behind that without end, and without reading; nothing if empty
     */
    @SuppressWarnings("ArrayRecordComponent") // a row of a table
    record Attack(String name, Port port, int clients, byte[] begin, byte[] flood, After after) {
        @Override
        public String toString() {
            return name;
        }
    }

    // Watching every buffer takes fifty times as long as using it, which is an attack of its own.
    @BeforeAll
    static void watchFewerBuffers() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.SIMPLE);
    }

    @AfterAll
    static void watchAllBuffers() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    }

    private static Attack slow(String name, Port port, String begin) {
        return new Attack(name, port, 150, bytes(begin), new byte[0], After.THE_SERVER_ENDS_IT);
    }

    private static Attack gone(String name, Port port, byte[] begin) {
        return new Attack(name, port, 150, begin, new byte[0], After.THE_ATTACKER_LEAVES);
    }

    private static Attack flood(String name, String begin, byte[] flood) {
        return new Attack(name, Port.PLAIN, 12, bytes(begin), flood, After.THE_ATTACKER_LEAVES);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) all.writeBytes(part);
        return all.toByteArray();
    }

    /** The first flight of a handshake. */
    private static byte[] hello() {
        try {
            SSLEngine engine = TlsFiles.TRUST.createSSLEngine();
            engine.setUseClientMode(true);
            ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
            engine.wrap(ByteBuffer.allocate(0), out);
            return Arrays.copyOf(out.array(), out.position());
        } catch (SSLException e) {
            throw new AssertionError(e);
        }
    }

    static Stream<Attack> attacks() {
        byte[] hello = hello();
        byte[] halfFrame = {(byte) 0x82, (byte) 0xfe, 0x40, 0, 1, 2, 3, 4, 5};
        byte[] ping = FrameClient.frame(FrameClient.FIN | FrameClient.PING, new byte[125]);
        byte[] emptyPing = FrameClient.frame(FrameClient.FIN | FrameClient.PING, new byte[0]);
        byte[] fragment = FrameClient.frame(FrameClient.CONTINUATION, new byte[0]);
        byte[] action = FrameClient.frame(FrameClient.FIN | FrameClient.TEXT, bytes("{\"action\":\"ping\",\"id\":1}"));
        return Stream.of(
                slow("silent", Port.PLAIN, ""),
                slow("half a request line", Port.PLAIN, "GET /v1/stream/heal"),
                slow("half a header", Port.PLAIN, "GET / HTTP/1.1\r\nHost: h\r\nX-Slow: "),
                slow("half a body", Port.PLAIN, POST + "Content-Length: 100000\r\n\r\n[1,2"),
                slow("half a chunk", Port.PLAIN, POST + "Transfer-Encoding: chunked\r\n\r\nffff\r\n[1,2"),
                slow("a flood of fields", Port.PLAIN, "GET / HTTP/1.1\r\nHost: h\r\n" + "X: y\r\n".repeat(500)),
                slow("a field without end", Port.PLAIN, "GET / HTTP/1.1\r\nHost: h\r\nX: " + "y".repeat(60_000)),
                slow("a request line without end", Port.PLAIN, "GET /" + "y".repeat(60_000)),
                slow("half a PROXY line", Port.PROXY, "PROXY TCP4 1.2.3.4 10."),
                slow("half a PROXY block", Port.PROXY, "\r\n\r\n\0\r\nQUIT\n!\u0011\0\u000c\u0001"),
                slow("silent before TLS", Port.TLS, ""),
                new Attack(
                        "half a handshake",
                        Port.TLS,
                        150,
                        Arrays.copyOf(hello, 100),
                        new byte[0],
                        After.THE_SERVER_ENDS_IT),
                new Attack("half a conversation of TLS", Port.TLS, 150, hello, new byte[0], After.THE_SERVER_ENDS_IT),
                gone("handshakes dropped", Port.TLS, hello),
                gone("WebSockets dropped", Port.PLAIN, bytes(UPGRADE)),
                gone("half a frame", Port.PLAIN, join(bytes(UPGRADE), halfFrame)),
                flood("pings", UPGRADE, ping),
                flood("empty pings", UPGRADE, emptyPing),
                new Attack(
                        "empty fragments",
                        Port.PLAIN,
                        12,
                        join(bytes(UPGRADE), FrameClient.frame(FrameClient.TEXT, new byte[0])),
                        fragment,
                        After.THE_ATTACKER_LEAVES),
                flood("actions", LINE, action),
                flood("requests", "", bytes("GET /v1/stream/healthy HTTP/1.1\r\nHost: h\r\n\r\n")));
    }

    private static TestServer start(Port port) {
        String[] settings = {
            "timeouts.header", "700ms", "timeouts.body", "700ms", "timeouts.idle", "60s", "live.stalledMax", "2s"
        };
        return switch (port) {
            case PLAIN -> TestServer.start(settings);
            case TLS -> TlsFiles.start(settings);
            case PROXY -> {
                List<String> all = new ArrayList<>(List.of(settings));
                all.addAll(List.of("proxy.trusted", "127.0.0.1", "proxy.protocol", "on"));
                yield TestServer.start(all.toArray(String[]::new));
            }
        };
    }

    /** What the process holds that an attack could leave behind. */
    private record Held(int threads, int files, long directBytes) {
        static Held now() {
            String[] files = Path.of("/proc/self/fd").toFile().list();
            return new Held(Thread.activeCount(), files == null ? 0 : files.length, Memory.direct());
        }
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void anAttackHarmsNobodyAndLeavesNothing(Attack attack) {
        boolean tls = attack.port() == Port.TLS;
        byte[] greeting = attack.port() == Port.PROXY ? bytes("PROXY UNKNOWN\r\n") : new byte[0];
        try (TestServer server = start(attack.port());
                Healthy healthy = new Healthy(server, tls, greeting)) {
            assertThat(Files.isDirectory(Path.of("/proc/self/fd"))).isTrue();
            strike(server, attack, healthy); // pools fill, classes load
            Held before = Held.now();
            healthy.delays.clear();
            strike(server, attack, healthy);
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                Held after = Held.now();
                assertThat(after.files()).as("files").isLessThanOrEqualTo(before.files());
                assertThat(after.threads()).as("threads").isLessThanOrEqualTo(before.threads() + 1);
                assertThat(after.directBytes())
                        .as("direct memory")
                        .isLessThanOrEqualTo(before.directBytes() + DIRECT_SLACK_BYTES);
            });
            healthy.delays.sort(null);
            assertThat(healthy.delays.get(healthy.delays.size() / 2))
                    .as("the healthy reader's delay in the middle, milliseconds")
                    .isLessThan(SOON_MILLIS);
        }
    }

    private static void strike(TestServer server, Attack attack, Healthy healthy) {
        List<RawClient> attackers = new ArrayList<>();
        try {
            for (int i = 0; i < attack.clients(); i++) {
                RawClient attacker = RawClient.connect(server.port(), 4_096);
                attackers.add(attacker);
                Thread sending = Thread.ofVirtual().start(() -> send(attacker, attack));
                if (attack.flood().length == 0) join(sending);
                if (i % 10 == 0) healthy.exchange();
            }
            for (int i = 0; i < 20; i++) healthy.exchange();
            if (attack.after() == After.THE_SERVER_ENDS_IT) {
                server.awaitConnections(HEALTHY, HEALTHY, Duration.ofSeconds(20));
            }
        } finally {
            attackers.forEach(RawClient::reset);
        }
        server.awaitConnections(HEALTHY, HEALTHY, Duration.ofSeconds(20));
        healthy.exchange();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(RawClient attacker, Attack attack) {
        try {
            attacker.send(attack.begin());
            if (attack.flood().length == 0) return;
            byte[] flood = new byte[attack.flood().length * Math.max(1, 16_384 / attack.flood().length)];
            for (int i = 0; i < flood.length; i++) flood[i] = attack.flood()[i % attack.flood().length];
            for (int sent = 0; sent < FLOOD_BYTES; sent += flood.length) attacker.send(flood);
        } catch (UncheckedIOException ended) {
            // by the server, or at the end of the attack
        }
    }

    /** Somebody who publishes and reads while all that goes on. */
    private static final class Healthy implements AutoCloseable {
        private final RawClient writer;
        private final EventClient reader;
        private final List<Long> delays = new ArrayList<>();
        private int next;

        Healthy(TestServer server, boolean tls, byte[] greeting) {
            writer = connect(server, tls).send(greeting);
            writer.ask("PUT /v1/stream/healthy", "Content-Type: " + JSON, "Content-Length: 0");
            assertThat(writer.answer().status()).isEqualTo(201);
            reader = EventClient.over(connect(server, tls)
                    .send(greeting)
                    .ask("GET /v1/stream/healthy?offset=-1", "Accept: text/event-stream"));
        }

        private static RawClient connect(TestServer server, boolean tls) {
            return tls ? RawClient.connect(server.port(), TlsFiles.TRUST) : server.raw();
        }

        /** One message there and back. */
        void exchange() {
            long begun = System.nanoTime();
            String message = Integer.toString(next++);
            assertThat(writer.post("healthy", JSON, message).answer().status()).isEqualTo(204);
            assertThat(reader.next().data()).isEqualTo(message);
            delays.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
        }

        @Override
        public void close() {
            reader.close();
            writer.close();
        }
    }
}
