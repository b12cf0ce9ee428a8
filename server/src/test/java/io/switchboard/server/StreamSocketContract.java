package io.switchboard.server;

import static io.switchboard.server.FrameClient.CLOSE;
import static io.switchboard.server.FrameClient.FIN;
import static io.switchboard.server.FrameClient.PING;
import static io.switchboard.server.FrameClient.PONG;
import static io.switchboard.server.FrameClient.TEXT;
import static io.switchboard.server.TestServer.JSON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** WebSockets on streams (RFC 8441 and 9220): what they carry is what they carry over HTTP/1.1, whichever version has the streams. */
abstract class StreamSocketContract {
    static final String VERSION = "sec-websocket-version";

    /** A connection of one version. Belongs to one thread. */
    interface Client extends AutoCloseable {
        /** Asks for a WebSocket on a new stream. */
        Stream connectTo(String path, String... fields);

        /** The status of what a GET is answered with. */
        int statusOf(String path);

        /** Returns when the server has ended the connection. */
        void awaitEnd();

        @Override
        void close();
    }

    /** One stream. */
    interface Stream {
        /** The value of a field of the answer's head, which is waited for; {@code :status} too; null if it is not there. */
        @Nullable
        String field(String name);

        /** What comes next; null if the server has ended the stream. */
        byte @Nullable [] next();

        /** @param last whether nothing comes behind it */
        void send(byte[] content, boolean last);

        /** Resets it. */
        void cancel();
    }

    /** What the server has to be set to. */
    abstract TestServer start(String... settings);

    abstract Client connect(int port);

    /** As metrics tell it. */
    abstract String version();

    private static final class Socket {
        private final Stream stream;
        private final ByteArrayOutputStream arrived = new ByteArrayOutputStream();

        private Socket(Stream stream) {
            this.stream = stream;
        }

        static Socket ask(Client client, String path, String... more) {
            List<String> fields = new ArrayList<>(List.of(VERSION, "13"));
            fields.addAll(List.of(more));
            return new Socket(client.connectTo(path, fields.toArray(String[]::new)));
        }

        static Socket open(Client client, String path, String... more) {
            Socket socket = ask(client, path, more);
            assertThat(socket.stream.field(":status")).isEqualTo("200");
            return socket;
        }

        void send(int first, String payload) {
            stream.send(FrameClient.frame(FIN | first, payload.getBytes(StandardCharsets.UTF_8)), false);
        }

        void close(int code, boolean last) {
            stream.send(FrameClient.frame(FIN | CLOSE, new byte[] {(byte) (code >> 8), (byte) code}), last);
        }

        void end() {
            stream.send(new byte[0], true);
        }

        /** The next frame without its length; null if the stream ended. */
        private byte @Nullable [] nextFrame() {
            while (true) {
                byte[] bytes = arrived.toByteArray();
                int length = bytes.length < 2 ? Integer.MAX_VALUE : 2 + bytes[1];
                if (bytes.length >= length) {
                    arrived.reset();
                    arrived.write(bytes, length, bytes.length - length);
                    byte[] frame = Arrays.copyOfRange(bytes, 1, length);
                    frame[0] = bytes[0];
                    return frame;
                }
                byte[] more = stream.next();
                if (more == null) return null;
                arrived.writeBytes(more);
            }
        }

        /** The next frame, as its first byte and its content. */
        String next() {
            byte[] frame = nextFrame();
            if (frame == null) return "end";
            return Integer.toHexString(frame[0] & 0xf) + " "
                    + new String(frame, 1, frame.length - 1, StandardCharsets.UTF_8);
        }

        int nextCloseCode() {
            byte[] frame = nextFrame();
            if (frame == null) throw new AssertionError("the stream ended without a close frame");
            assertThat(frame[0] & 0xf).isEqualTo(CLOSE);
            return ((frame[1] & 0xff) << 8) | (frame[2] & 0xff);
        }

        String nextText() {
            String next = next();
            assertThat(next).startsWith(TEXT + " ");
            return next.substring(2);
        }
    }

    @Test
    final void aChannelIsReadAndWrittenOnAStreamAmongOthers() {
        try (TestServer server = start();
                Client client = connect(server.port())) {
            server.create("c", TestServer.TEXT);
            List<Socket> sockets = new ArrayList<>();
            for (int i = 0; i < 20; i++) sockets.add(Socket.open(client, "/v1/stream/c?offset=now"));
            for (int i = 0; i < 50; i++) {
                sockets.get(i % 20).send(TEXT, "message " + i);
                for (Socket socket : sockets) assertThat(socket.nextText()).isEqualTo("message " + i);
            }
            assertThat(server.getText("/metrics"))
                    .contains("switchboard_connections{transport=\"websocket\"} 20")
                    .contains("switchboard_http_answers_total{http=\"" + version()
                            + "\",method=\"get\",status=\"200\"} 20");
            Socket first = sockets.getFirst();
            first.send(PING, "there?");
            assertThat(first.next()).isEqualTo(Integer.toHexString(PONG) + " there?");
        }
    }

    @Test
    final void theLineAndItsSubprotocolAreAgreedOn() {
        try (TestServer server = start();
                Client client = connect(server.port())) {
            server.create("c", JSON);
            Socket socket = Socket.open(
                    client,
                    "/live",
                    "sec-websocket-protocol",
                    "other, switchboard.v1",
                    "sec-websocket-extensions",
                    "permessage-deflate");
            assertThat(socket.stream.field("sec-websocket-protocol")).isEqualTo("switchboard.v1");
            assertThat(socket.stream.field("sec-websocket-extensions")).startsWith("permessage-deflate");
            assertThat(socket.stream.field("sec-websocket-accept")).isNull();
            assertThat(socket.stream.field("upgrade")).isNull();
            socket.send(TEXT, "{\"action\":\"ping\",\"id\":7}");
            assertThat(socket.nextText()).contains("7");
        }
    }

    @Test
    final void theEndIsSaidInFramesAndThenByTheStream() {
        try (TestServer server = start();
                Client client = connect(server.port())) {
            server.create("c", TestServer.TEXT);
            Socket polite = Socket.open(client, "/v1/stream/c");
            polite.close(1000, false);
            assertThat(polite.next()).startsWith(Integer.toHexString(CLOSE));
            assertThat(polite.next()).isEqualTo("end");
            polite.end();
            Socket silent = Socket.open(client, "/v1/stream/c");
            silent.end();
            assertThat(silent.next()).isEqualTo("end");
            Socket gone = Socket.open(client, "/v1/stream/c");
            gone.stream.cancel();
            Socket closed = Socket.open(client, "/v1/stream/c");
            server.closeChannel("c");
            assertThat(closed.next()).startsWith(Integer.toHexString(CLOSE));
            await().untilAsserted(() -> assertThat(server.getText("/metrics"))
                    .contains("switchboard_websocket_closes_total{code=\"1000\"} 1")
                    .contains("switchboard_websocket_closes_total{code=\"1006\"} 2")
                    .contains("switchboard_websocket_closes_total{code=\"4009\"} 1"));
            assertThat(client.statusOf("/health/live")).isEqualTo(200);
        }
    }

    @Test
    @Tag("slow")
    final void eachStreamHasATokenOfItsOwnAndEndsWithIt(@TempDir Path folder) {
        Tokens tokens = new Tokens(folder);
        try (TestServer server = start("auth.keys", tokens.file(), "defaults.creation", "on-first-use");
                Client client = connect(server.port())) {
            Socket line = Socket.open(
                    client,
                    "/live",
                    "sec-websocket-protocol",
                    "switchboard.v1",
                    "authorization",
                    "Bearer " + tokens.all());
            line.send(TEXT, "{\"id\":1,\"action\":\"publish\",\"channel\":\"c\",\"data\":1}");
            assertThat(line.nextText()).contains("\"ok\"");

            assertThat(Socket.ask(client, "/v1/stream/c").stream.field(":status"))
                    .isEqualTo("401");
            String shortLived = tokens.of("alice").read("c").lives(1_200).sign();
            String bearer = "Bearer " + shortLived;
            assertThat(Socket.ask(client, "/v1/stream/other", "authorization", bearer)
                            .stream
                            .field(":status"))
                    .isEqualTo("403");
            Socket reader = Socket.open(client, "/v1/stream/c?offset=now", "authorization", bearer);
            assertThat(reader.nextCloseCode()).isEqualTo(4010);

            line.send(TEXT, "{\"id\":2,\"action\":\"ping\"}");
            assertThat(line.nextText()).contains("2");
        }
    }

    @Test
    @Tag("slow")
    final void aServerThatGoesDownClosesThem() {
        try (TestServer server = start();
                Client client = connect(server.port())) {
            server.create("c", TestServer.TEXT);
            Socket socket = Socket.open(client, "/v1/stream/c");
            Thread stopping = Thread.ofVirtual().start(() -> server.server().stop(Duration.ofSeconds(5)));
            assertThat(socket.next()).startsWith(Integer.toHexString(CLOSE) + " ");
            socket.close(1012, true);
            client.awaitEnd();
            await().until(() -> !stopping.isAlive());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/stream/c, 12, x, y, 426",
        "/v1/stream/none, 13, x, y, 404",
        "/elsewhere, 13, x, y, 404",
        "/v1/stream/c, 13, origin, https://foreign.test, 403",
        "/v1/stream/c, 13, sec-websocket-protocol, switchboard.v1, 400"
    })
    final void whatIsWrongIsToldAsHttp(String path, String version, String name, String value, String status) {
        try (TestServer server = start("cors.origins", "https://app.test");
                Client client = connect(server.port())) {
            server.create("c", TestServer.TEXT);
            Stream stream = client.connectTo(path, VERSION, version, name, value);
            assertThat(stream.field(":status")).isEqualTo(status);
            assertThat(client.statusOf("/health/live")).isEqualTo(200);
        }
    }
}
