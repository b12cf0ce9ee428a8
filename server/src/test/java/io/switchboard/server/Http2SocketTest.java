package io.switchboard.server;

import static io.switchboard.server.FrameClient.CLOSE;
import static io.switchboard.server.FrameClient.FIN;
import static io.switchboard.server.FrameClient.PING;
import static io.switchboard.server.FrameClient.PONG;
import static io.switchboard.server.FrameClient.TEXT;
import static io.switchboard.server.Http2Client.CANCEL;
import static io.switchboard.server.Http2Client.DATA;
import static io.switchboard.server.Http2Client.END_HEADERS;
import static io.switchboard.server.Http2Client.END_STREAM;
import static io.switchboard.server.Http2Client.HEADERS;
import static io.switchboard.server.Http2Client.PROTOCOL_ERROR;
import static io.switchboard.server.Http2Client.RST_STREAM;
import static io.switchboard.server.Http2Client.SETTINGS;
import static io.switchboard.server.TestServer.JSON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.http2.Http2Headers;
import io.switchboard.server.Http2Client.Frame;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** WebSockets on streams of HTTP/2 (RFC 8441): what they carry is what they carry over HTTP/1.1. */
class Http2SocketTest {
    private static final String VERSION = "sec-websocket-version";

    /** One of them. */
    private static final class Socket {
        private final Http2Client client;
        private final int stream;
        private final ByteArrayOutputStream arrived = new ByteArrayOutputStream();

        private Socket(Http2Client client, int stream) {
            this.client = client;
            this.stream = stream;
        }

        static Socket ask(Http2Client client, String path, String... more) {
            List<String> fields = new ArrayList<>(List.of(":protocol", "websocket", VERSION, "13"));
            fields.addAll(List.of(more));
            int stream = client.newStream();
            client.send(Http2Client.frame(
                    HEADERS, END_HEADERS, stream, client.head("CONNECT", path, fields.toArray(String[]::new))));
            return new Socket(client, stream);
        }

        static Socket open(Http2Client client, String path, String... more) {
            Socket socket = ask(client, path, more);
            assertThat(client.headOf(socket.stream).status()).hasToString("200");
            return socket;
        }

        void send(int first, String payload) {
            byte[] frame = FrameClient.frame(FIN | first, payload.getBytes(StandardCharsets.UTF_8));
            client.send(Http2Client.frame(DATA, 0, stream, frame));
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
                Frame frame = client.next(DATA, stream);
                if (frame.ends()) return "end";
                arrived.writeBytes(frame.content());
            }
        }

        String nextText() {
            String next = next();
            assertThat(next).startsWith(TEXT + " ");
            return next.substring(2);
        }
    }

    @Test
    void aChannelIsReadAndWrittenOnAStreamAmongOthers() {
        try (TestServer server = TestServer.start();
                Http2Client client = Http2Client.connect(server.port())) {
            Frame settings = client.next(SETTINGS, 0);
            assertThat(ByteBuffer.wrap(settings.content()).array()).containsSequence(0, 8, 0, 0, 0, 1);
            server.create("c", TestServer.TEXT);
            List<Socket> sockets = new ArrayList<>();
            for (int i = 0; i < 20; i++) sockets.add(Socket.open(client, "/v1/stream/c?offset=now"));
            for (int i = 0; i < 50; i++) {
                sockets.get(i % 20).send(TEXT, "message " + i);
                for (Socket socket : sockets) assertThat(socket.nextText()).isEqualTo("message " + i);
            }
            assertThat(server.getText("/metrics"))
                    .contains("switchboard_connections{transport=\"websocket\"} 20")
                    .contains("switchboard_http_answers_total{http=\"2\",method=\"get\",status=\"200\"} 20");
            Socket first = sockets.getFirst();
            first.send(PING, "there?");
            assertThat(first.next()).isEqualTo(Integer.toHexString(PONG) + " there?");
        }
    }

    @Test
    void theLineAndItsSubprotocolAreAgreedOn() {
        try (TestServer server = TestServer.start();
                Http2Client client = Http2Client.connect(server.port())) {
            server.create("c", JSON);
            Socket socket = Socket.ask(
                    client,
                    "/live",
                    "sec-websocket-protocol",
                    "other, switchboard.v1",
                    "sec-websocket-extensions",
                    "permessage-deflate");
            Http2Headers head = client.headOf(socket.stream);
            assertThat(head.status()).hasToString("200");
            assertThat(head.get("sec-websocket-protocol")).hasToString("switchboard.v1");
            assertThat(head.get("sec-websocket-extensions").toString()).startsWith("permessage-deflate");
            assertThat(head.get("sec-websocket-accept")).isNull();
            assertThat(head.get("upgrade")).isNull();
            socket.send(TEXT, "{\"action\":\"ping\",\"id\":7}");
            assertThat(socket.nextText()).contains("7");
        }
    }

    @Test
    void theEndIsSaidInFramesAndThenByTheStream() {
        try (TestServer server = TestServer.start();
                Http2Client client = Http2Client.connect(server.port())) {
            server.create("c", TestServer.TEXT);
            Socket polite = Socket.open(client, "/v1/stream/c");
            client.send(Http2Client.frame(
                    DATA, 0, polite.stream, FrameClient.frame(FIN | CLOSE, new byte[] {0x03, (byte) 0xe8})));
            assertThat(polite.next()).startsWith(Integer.toHexString(CLOSE));
            assertThat(polite.next()).isEqualTo("end");
            client.send(Http2Client.frame(DATA, END_STREAM, polite.stream));
            Socket silent = Socket.open(client, "/v1/stream/c");
            client.send(Http2Client.frame(DATA, END_STREAM, silent.stream));
            assertThat(silent.next()).isEqualTo("end");
            Socket gone = Socket.open(client, "/v1/stream/c");
            client.send(Http2Client.integer(RST_STREAM, gone.stream, CANCEL));
            Socket closed = Socket.open(client, "/v1/stream/c");
            server.closeChannel("c");
            assertThat(closed.next()).startsWith(Integer.toHexString(CLOSE));
            await().untilAsserted(() -> assertThat(server.getText("/metrics"))
                    .contains("switchboard_websocket_closes_total{code=\"1000\"} 1")
                    .contains("switchboard_websocket_closes_total{code=\"1006\"} 2")
                    .contains("switchboard_websocket_closes_total{code=\"4009\"} 1"));
            assertThat(client.answer(client.ask("GET", "/health/live")).status())
                    .isEqualTo(200);
        }
    }

    @Test
    @Tag("slow")
    void aServerThatGoesDownClosesThem() {
        try (TestServer server = TestServer.start();
                Http2Client client = Http2Client.connect(server.port())) {
            server.create("c", TestServer.TEXT);
            Socket socket = Socket.open(client, "/v1/stream/c");
            Thread stopping = Thread.ofVirtual().start(() -> server.server().stop(Duration.ofSeconds(5)));
            assertThat(socket.next()).startsWith(Integer.toHexString(CLOSE) + " ");
            client.send(Http2Client.frame(
                    DATA, END_STREAM, socket.stream, FrameClient.frame(FIN | CLOSE, new byte[] {0x03, (byte) 0xf4})));
            client.awaitEnd();
            await().until(() -> !stopping.isAlive());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/stream/c, sec-websocket-version, 12, 426",
        "/v1/stream/none, x, y, 404",
        "/elsewhere, x, y, 404",
        "/v1/stream/c, origin, http://foreign.test, 403",
        "/v1/stream/c, sec-websocket-protocol, switchboard.v1, 400"
    })
    void whatIsWrongIsToldAsHttp(String path, String name, String value, int status) {
        try (TestServer server = TestServer.start("cors.origins", "https://app.test");
                Http2Client client = Http2Client.connect(server.port())) {
            server.create("c", TestServer.TEXT);
            int stream = client.newStream();
            boolean version = name.equals(VERSION);
            String[] more = version
                    ? new String[] {":protocol", "websocket", name, value}
                    : new String[] {":protocol", "websocket", VERSION, "13", name, value};
            client.send(Http2Client.frame(HEADERS, END_HEADERS, stream, client.head("CONNECT", path, more)));
            assertThat(client.answer(stream).status()).isEqualTo(status);
            assertThat(client.answer(client.ask("GET", "/health/live")).status())
                    .isEqualTo(200);
        }
    }

    @Test
    void whatIsNoHandshakeIsReset() {
        try (TestServer server = TestServer.start();
                Http2Client client = Http2Client.connect(server.port())) {
            server.create("c", TestServer.TEXT);
            int ended = client.ask("CONNECT", "/v1/stream/c", ":protocol", "websocket", VERSION, "13");
            assertThat(client.next(RST_STREAM, ended).error()).isEqualTo(PROTOCOL_ERROR);
            int noPath = client.newStream();
            client.send(Http2Client.frame(
                    HEADERS,
                    END_HEADERS,
                    noPath,
                    client.fields(
                            ":method", "CONNECT", ":protocol", "websocket", ":scheme", "http", ":authority", "h")));
            assertThat(client.next(RST_STREAM, noPath).error()).isEqualTo(PROTOCOL_ERROR);
            int other = client.newStream();
            client.send(Http2Client.frame(
                    HEADERS, END_HEADERS, other, client.head("CONNECT", "/v1/stream/c", ":protocol", "chess")));
            assertThat(client.answer(other).status()).isEqualTo(501);
        }
    }
}
