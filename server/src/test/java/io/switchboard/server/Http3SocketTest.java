package io.switchboard.server;

import static io.switchboard.server.FrameClient.CLOSE;
import static io.switchboard.server.FrameClient.FIN;
import static io.switchboard.server.FrameClient.PING;
import static io.switchboard.server.FrameClient.PONG;
import static io.switchboard.server.FrameClient.TEXT;
import static io.switchboard.server.TestServer.JSON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.http3.Http3Headers;
import io.switchboard.server.Http3Client.Event;
import io.switchboard.server.Http3Client.Stream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** WebSockets on streams of HTTP/3 (RFC 9220): what they carry is what they carry over HTTP/1.1 and HTTP/2. */
@Tag("slow")
class Http3SocketTest {
    private static final long H3_REQUEST_CANCELLED = 0x10c; // RFC 9114, section 8.1
    private static final long H3_MESSAGE_ERROR = 0x10e;
    private static final String VERSION = "sec-websocket-version";

    /** One of them. */
    private static final class Socket {
        private final Stream stream;
        private final ByteArrayOutputStream arrived = new ByteArrayOutputStream();

        private Socket(Stream stream) {
            this.stream = stream;
        }

        static Socket open(Http3Client client, String path) {
            Socket socket = new Socket(client.connectTo(path, VERSION, "13"));
            assertThat(socket.stream.headers().status()).hasToString("200");
            return socket;
        }

        void send(int first, String payload) {
            stream.send(FrameClient.frame(FIN | first, payload.getBytes(StandardCharsets.UTF_8)));
        }

        /** The next frame, as its first byte and its content. */
        String next() {
            while (true) {
                byte[] bytes = arrived.toByteArray();
                int length = bytes.length < 2 ? Integer.MAX_VALUE : 2 + bytes[1];
                if (bytes.length >= length) {
                    arrived.reset();
                    arrived.write(bytes, length, bytes.length - length);
                    String content = new String(Arrays.copyOfRange(bytes, 2, length), StandardCharsets.UTF_8);
                    return Integer.toHexString(bytes[0] & 0xf) + " " + content;
                }
                Event event = stream.next();
                if (event instanceof Event.End) return "end";
                if (!(event instanceof Event.Data(byte[] more))) throw new AssertionError(event);
                arrived.writeBytes(more);
            }
        }

        String nextText() {
            String next = next();
            assertThat(next).startsWith(TEXT + " ");
            return next.substring(2);
        }
    }

    private static TestServer start(String... more) {
        List<String> settings = new ArrayList<>(List.of("http3", "on"));
        settings.addAll(List.of(more));
        return TlsFiles.start(settings.toArray(String[]::new));
    }

    @Test
    void aChannelIsReadAndWrittenOnAStreamAmongOthers() {
        try (TestServer server = start();
                Http3Client client = Http3Client.connect(server.port())) {
            server.create("c", TestServer.TEXT);
            List<Socket> sockets = new ArrayList<>();
            for (int i = 0; i < 20; i++) sockets.add(Socket.open(client, "/v1/stream/c?offset=now"));
            for (int i = 0; i < 50; i++) {
                sockets.get(i % 20).send(TEXT, "message " + i);
                for (Socket socket : sockets) assertThat(socket.nextText()).isEqualTo("message " + i);
            }
            assertThat(server.getText("/metrics"))
                    .contains("switchboard_connections{transport=\"websocket\"} 20")
                    .contains("switchboard_http_answers_total{http=\"3\",method=\"get\",status=\"200\"} 20");
            Socket first = sockets.getFirst();
            first.send(PING, "there?");
            assertThat(first.next()).isEqualTo(Integer.toHexString(PONG) + " there?");
        }
    }

    @Test
    void theLineAndItsSubprotocolAreAgreedOn() {
        try (TestServer server = start();
                Http3Client client = Http3Client.connect(server.port())) {
            server.create("c", JSON);
            Socket socket = new Socket(client.connectTo(
                    "/live",
                    VERSION,
                    "13",
                    "sec-websocket-protocol",
                    "other, switchboard.v1",
                    "sec-websocket-extensions",
                    "permessage-deflate"));
            Http3Headers head = socket.stream.headers();
            assertThat(head.status()).hasToString("200");
            assertThat(head.get("sec-websocket-protocol")).hasToString("switchboard.v1");
            assertThat(head.get("sec-websocket-extensions").toString()).startsWith("permessage-deflate");
            assertThat(head.get("sec-websocket-accept")).isNull();
            socket.send(TEXT, "{\"action\":\"ping\",\"id\":7}");
            assertThat(socket.nextText()).contains("7");
        }
    }

    @Test
    void theEndIsSaidInFramesAndThenByTheStream() {
        try (TestServer server = start();
                Http3Client client = Http3Client.connect(server.port())) {
            server.create("c", TestServer.TEXT);
            Socket polite = Socket.open(client, "/v1/stream/c");
            polite.stream.send(FrameClient.frame(FIN | CLOSE, new byte[] {0x03, (byte) 0xe8}));
            assertThat(polite.next()).startsWith(Integer.toHexString(CLOSE));
            assertThat(polite.next()).isEqualTo("end");
            polite.stream.end();
            Socket silent = Socket.open(client, "/v1/stream/c");
            silent.stream.end();
            assertThat(silent.next()).isEqualTo("end");
            Socket gone = Socket.open(client, "/v1/stream/c");
            gone.stream.channel().shutdown((int) H3_REQUEST_CANCELLED);
            Socket closed = Socket.open(client, "/v1/stream/c");
            server.closeChannel("c");
            assertThat(closed.next()).startsWith(Integer.toHexString(CLOSE));
            await().untilAsserted(() -> assertThat(server.getText("/metrics"))
                    .contains("switchboard_websocket_closes_total{code=\"1000\"} 1")
                    .contains("switchboard_websocket_closes_total{code=\"1006\"} 2")
                    .contains("switchboard_websocket_closes_total{code=\"4009\"} 1"));
            assertThat(client.ask("GET", "/health/live").answer().status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/stream/c, 12, x, y, 426",
        "/v1/stream/none, 13, x, y, 404",
        "/v1/stream/c, 13, origin, https://foreign.test, 403",
        "/v1/stream/c, 13, sec-websocket-protocol, switchboard.v1, 400"
    })
    void whatIsWrongIsToldAsHttp(String path, String version, String name, String value, int status) {
        try (TestServer server = start("cors.origins", "https://app.test");
                Http3Client client = Http3Client.connect(server.port())) {
            server.create("c", TestServer.TEXT);
            Stream stream = client.connectTo(path, VERSION, version, name, value);
            assertThat(stream.answer().status()).isEqualTo(status);
            assertThat(client.ask("GET", "/health/live").answer().status()).isEqualTo(200);
        }
    }

    @Test
    void whatIsNoHandshakeIsReset() {
        try (TestServer server = start();
                Http3Client client = Http3Client.connect(server.port())) {
            server.create("c", TestServer.TEXT);
            Stream noPath = client.open()
                    .send(client.fields(
                            ":method", "CONNECT", ":protocol", "websocket", ":scheme", "https", ":authority", "h"));
            assertThat(noPath.resetWith()).isEqualTo(H3_MESSAGE_ERROR);
            Stream other = client.open()
                    .send(client.fields(
                            ":method",
                            "CONNECT",
                            ":protocol",
                            "chess",
                            ":scheme",
                            "https",
                            ":authority",
                            "h",
                            ":path",
                            "/v1/stream/c"));
            assertThat(other.answer().status()).isEqualTo(501);
        }
    }
}
