package io.switchboard.server;

import static io.switchboard.server.Http2Client.CANCEL;
import static io.switchboard.server.Http2Client.DATA;
import static io.switchboard.server.Http2Client.END_HEADERS;
import static io.switchboard.server.Http2Client.END_STREAM;
import static io.switchboard.server.Http2Client.HEADERS;
import static io.switchboard.server.Http2Client.PROTOCOL_ERROR;
import static io.switchboard.server.Http2Client.RST_STREAM;
import static io.switchboard.server.Http2Client.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Headers;
import io.switchboard.server.Http2Client.Frame;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** WebSockets on streams of HTTP/2 (RFC 8441). */
class Http2SocketTest extends StreamSocketContract {
    @Override
    TestServer start(String... settings) {
        return TestServer.start(settings);
    }

    @Override
    Client connect(int port) {
        return new OverHttp2(Http2Client.connect(port));
    }

    @Override
    String version() {
        return "2";
    }

    private record OverHttp2(Http2Client client) implements Client {
        @Override
        public Stream connectTo(String path, String... fields) {
            List<String> all = new ArrayList<>(List.of(":protocol", "websocket"));
            all.addAll(List.of(fields));
            int stream = client.newStream();
            byte[] head = client.head("CONNECT", path, all.toArray(String[]::new));
            client.send(Http2Client.frame(HEADERS, END_HEADERS, stream, head));
            return new OnHttp2(client, stream);
        }

        @Override
        public int statusOf(String path) {
            return client.answer(client.ask("GET", path)).status();
        }

        @Override
        public void awaitEnd() {
            client.awaitEnd();
        }

        @Override
        public void close() {
            client.close();
        }
    }

    private static final class OnHttp2 implements Stream {
        private final Http2Client client;
        private final int stream;
        private @Nullable Http2Headers head;

        OnHttp2(Http2Client client, int stream) {
            this.client = client;
            this.stream = stream;
        }

        @Override
        public @Nullable String field(String name) {
            Http2Headers fields = head == null ? client.headOf(stream) : head;
            head = fields;
            CharSequence value = fields.get(name);
            return value == null ? null : value.toString();
        }

        @Override
        public byte @Nullable [] next() {
            Frame frame = client.next(DATA, stream);
            return frame.ends() ? null : frame.content();
        }

        @Override
        public void send(byte[] content, boolean last) {
            client.send(Http2Client.frame(DATA, last ? END_STREAM : 0, stream, content));
        }

        @Override
        public void cancel() {
            client.send(Http2Client.integer(RST_STREAM, stream, CANCEL));
        }
    }

    @Test
    void settingsTellThatSocketsAreTaken() {
        try (TestServer server = TestServer.start();
                Http2Client client = Http2Client.connect(server.port())) {
            Frame settings = client.next(SETTINGS, 0);
            assertThat(ByteBuffer.wrap(settings.content()).array()).containsSequence(0, 8, 0, 0, 0, 1);
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
