package io.switchboard.server;

import static io.switchboard.server.TestServer.JSON;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.RawClient.Answer;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients behind a proxy: by header fields (RFC 7239) and by the PROXY protocol, versions 1 and 2. */
@Tag("slow") // it waits for real time
class ProxyTest {
    private static final byte[] V2 = {13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10};
    private static final String[] TRUSTING = {"proxy.trusted", "127.0.0.0/8", "proxy.protocol", "on"};

    private static TestServer start(String... more) {
        List<String> settings = new ArrayList<>(List.of(TRUSTING));
        settings.addAll(List.of(more));
        return TestServer.start(settings.toArray(String[]::new));
    }

    private static byte[] v2(int command, int family, byte[] addresses) {
        return ByteBuffer.allocate(16 + addresses.length)
                .put(V2)
                .put((byte) (0x20 | command))
                .put((byte) family)
                .putShort((short) addresses.length)
                .put(addresses)
                .array();
    }

    private static byte[] tcp4(int lastByte, byte... extras) {
        return v2(
                1,
                0x11,
                ByteBuffer.allocate(12 + extras.length)
                        .put(new byte[] {1, 2, 3, (byte) lastByte, 10, 0, 0, 1, 4, 0, 31, (byte) 144})
                        .put(extras)
                        .array());
    }

    private static String location(RawClient raw, String channel, String... fields) {
        raw.ask("PUT /v1/stream/" + channel, withType(fields));
        Answer answer = raw.answer();
        assertThat(answer.status()).isEqualTo(201);
        return String.valueOf(answer.header("Location"));
    }

    private static String[] withType(String... fields) {
        List<String> all = new ArrayList<>(List.of("Content-Type: " + JSON, "Content-Length: 0"));
        all.addAll(List.of(fields));
        return all.toArray(String[]::new);
    }

    @Test
    void aTrustedProxyTellsTheScheme() {
        try (TestServer server = TestServer.start("proxy.trusted", "127.0.0.1");
                RawClient raw = server.raw()) {
            assertThat(location(raw, "a", "X-Forwarded-Proto: https", "X-Forwarded-For: 1.2.3.4"))
                    .startsWith("https://test/");
            assertThat(location(raw, "b", "Forwarded: for=1.2.3.4;proto=https")).startsWith("https://test/");
            assertThat(location(raw, "c")).startsWith("http://test/");
        }
        try (TestServer server = TestServer.start();
                RawClient raw = server.raw()) {
            assertThat(location(raw, "a", "X-Forwarded-Proto: https")).startsWith("http://test/");
        }
    }

    @Test
    void aProxyIsNotCountedAsOneClient() {
        try (TestServer server = TestServer.start("proxy.trusted", "127.0.0.1", "limits.connectionsPerAddress", "1");
                RawClient a = server.raw();
                RawClient b = server.raw()) {
            assertThat(a.ask("GET /health/live").answer().status()).isEqualTo(200);
            assertThat(b.ask("GET /health/live").answer().status()).isEqualTo(200);
        }
    }

    @Test
    void bothVersionsOfTheHeaderAreUnderstood() {
        byte[] ssl = {0x20, 0, 5, 1, 0, 0, 0, 0}; // PP2_TYPE_SSL: the client spoke TLS
        byte[][] headers = {
            "PROXY TCP4 1.2.3.4 10.0.0.1 1024 8080\r\n".getBytes(StandardCharsets.US_ASCII),
            "PROXY TCP6 2001:db8::1 ::1 1024 8080\r\n".getBytes(StandardCharsets.US_ASCII),
            "PROXY UNKNOWN\r\n".getBytes(StandardCharsets.US_ASCII),
            tcp4(4),
            v2(0, 0, new byte[0]),
        };
        try (TestServer server = start()) {
            for (byte[] header : headers) {
                try (RawClient raw = server.raw()) {
                    raw.send(header).ask("GET /health/live");
                    assertThat(raw.answer().status()).isEqualTo(200);
                }
            }
            try (RawClient raw = server.raw()) {
                assertThat(location(raw.send(tcp4(4, ssl)), "s")).startsWith("https://");
            }
            try (RawClient slow = server.raw()) {
                for (byte b : tcp4(5)) slow.send(new byte[] {b});
                assertThat(slow.ask("GET /health/live").answer().status()).isEqualTo(200);
            }
        }
    }

    @Test
    void connectionsAreCountedForTheClientsThatTheProxyNames() {
        try (TestServer server = start("limits.connectionsPerAddress", "1");
                RawClient a = server.raw();
                RawClient b = server.raw();
                RawClient again = server.raw()) {
            assertThat(a.send(tcp4(1)).ask("GET /health/live").answer().status())
                    .isEqualTo(200);
            assertThat(b.send(tcp4(2)).ask("GET /health/live").answer().status())
                    .isEqualTo(200);
            Answer refused = again.send(tcp4(1)).ask("GET /health/live").answer();
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.header("Retry-After")).isNotNull();
            a.reset();
            server.awaitConnections(1, 1);
            try (RawClient free = server.raw()) {
                assertThat(free.send(tcp4(1)).ask("GET /health/live").answer().status())
                        .isEqualTo(200);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n",
                "PROXY\r\n\r\n\r\n\r\n",
                "PROXY TCP4 1.2.3.4 10.0.0.1 1024\r\n",
                "PROXY TCP4 1.2.3.4.5 10.0.0.1 1024 8080\r\n",
                "PROXY TCP4 1.2.3.4 10.0.0.1 1024 99999\r\n",
                "PROXY TCP6 1.2.3.4 10.0.0.1 1024 8080\r\n",
                "PROXY TCP4 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                        + "aaaaaaaaaaaaaaa\r\n",
            })
    void whatIsNoProxyHeaderEndsTheConnection(String text) {
        try (TestServer server = start();
                RawClient raw = server.raw()) {
            raw.send(text);
            assertThat(raw.endsWithin(5_000)).isTrue();
            server.awaitConnections(0, 0);
        }
    }

    @Test
    void brokenBinaryHeadersEndTheConnection() {
        byte[] oversized = v2(1, 0x11, new byte[30_000]);
        byte[] wrongVersion = tcp4(1);
        wrongVersion[12] = 0x31;
        byte[] wrongLength = v2(1, 0x21, new byte[12]);
        byte[] brokenExtras = tcp4(1, (byte) 0x20, (byte) 0xff, (byte) 0xff, (byte) 1);
        try (TestServer server = start()) {
            for (byte[] header : List.of(oversized, wrongVersion, wrongLength, brokenExtras)) {
                try (RawClient raw = server.raw()) {
                    raw.send(header);
                    assertThat(raw.endsWithin(5_000)).isTrue();
                }
            }
            server.awaitConnections(0, 0);
        }
    }

    @Test
    void aHeaderThatDoesNotComeEndsTheConnection() {
        try (TestServer server = start("timeouts.header", "300ms");
                RawClient silent = server.raw();
                RawClient half = server.raw().send("PROXY TCP4 1.2")) {
            assertThat(silent.endsWithin(5_000)).isTrue();
            assertThat(half.endsWithin(5_000)).isTrue();
        }
    }

    // Whoever is not trusted has to speak for itself.
    @Test
    void strangersSendNoProxyHeader() {
        try (TestServer server = TestServer.start("proxy.trusted", "10.9.9.9", "proxy.protocol", "on")) {
            try (RawClient raw = server.raw()) {
                assertThat(raw.ask("GET /health/live").answer().status()).isEqualTo(200);
            }
            try (RawClient raw = server.raw()) {
                raw.send("PROXY TCP4 1.2.3.4 10.0.0.1 1024 8080\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n");
                assertThat(raw.answer().status()).isEqualTo(400);
            }
        }
    }

    @Test
    void theHeaderComesBeforeTls() throws Exception {
        try (TestServer server = TlsFiles.start(TRUSTING);
                Socket plain = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            plain.setSoTimeout(10_000);
            plain.getOutputStream().write(tcp4(9));
            try (Socket tls = TlsFiles.TRUST.getSocketFactory().createSocket(plain, "localhost", server.port(), true)) {
                tls.getOutputStream()
                        .write("GET /health/live HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
                assertThat(new String(tls.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                        .startsWith("HTTP/1.1 200 OK");
            }
        }
    }
}
