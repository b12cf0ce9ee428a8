package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http3.Http3Headers;
import io.switchboard.server.Http3Client.Event;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** WebSockets on streams of HTTP/3 (RFC 9220). */
@Tag("slow")
class Http3SocketTest extends StreamSocketContract {
    private static final long H3_REQUEST_CANCELLED = 0x10c; // RFC 9114, section 8.1
    private static final long H3_MESSAGE_ERROR = 0x10e;

    @Override
    TestServer start(String... more) {
        List<String> settings = new ArrayList<>(List.of("http3", "on"));
        settings.addAll(List.of(more));
        return TlsFiles.start(settings.toArray(String[]::new));
    }

    @Override
    Client connect(int port) {
        return new OverHttp3(Http3Client.connect(port));
    }

    @Override
    String version() {
        return "3";
    }

    private record OverHttp3(Http3Client client) implements Client {
        @Override
        public Stream connectTo(String path, String... fields) {
            return new OnHttp3(client.connectTo(path, fields));
        }

        @Override
        public int statusOf(String path) {
            return client.ask("GET", path).answer().status();
        }

        @Override
        public void awaitEnd() {
            client.goneWith();
        }

        @Override
        public void close() {
            client.close();
        }
    }

    private static final class OnHttp3 implements Stream {
        private final Http3Client.Stream stream;
        private @Nullable Http3Headers head;

        OnHttp3(Http3Client.Stream stream) {
            this.stream = stream;
        }

        @Override
        public @Nullable String field(String name) {
            Http3Headers fields = head == null ? stream.headers() : head;
            head = fields;
            CharSequence value = fields.get(name);
            return value == null ? null : value.toString();
        }

        @Override
        public byte @Nullable [] next() {
            return switch (stream.next()) {
                case Event.Data(byte[] bytes) -> bytes;
                case Event.End() -> null;
                case Event other -> throw new AssertionError(other);
            };
        }

        @Override
        public void send(byte[] content, boolean last) {
            stream.send(content);
            if (last) stream.end();
        }

        @Override
        public void cancel() {
            stream.channel().shutdown((int) H3_REQUEST_CANCELLED);
        }
    }

    @Test
    void whatIsNoHandshakeIsReset() {
        try (TestServer server = start();
                Http3Client client = Http3Client.connect(server.port())) {
            server.create("c", TestServer.TEXT);
            Http3Client.Stream noPath = client.open()
                    .send(client.fields(
                            ":method", "CONNECT", ":protocol", "websocket", ":scheme", "https", ":authority", "h"));
            assertThat(noPath.resetWith()).isEqualTo(H3_MESSAGE_ERROR);
            Http3Client.Stream other = client.open()
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
