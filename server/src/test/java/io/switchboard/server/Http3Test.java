package io.switchboard.server;

import static io.switchboard.server.TestServer.BYTES;
import static io.switchboard.server.TestServer.TEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.server.Http3Client.Answer;
import io.switchboard.server.Http3Client.Event;
import io.switchboard.testkit.sse.EventStreamParser;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What works over HTTP/1.1 and HTTP/2 works over HTTP/3, many at a time on one connection. */
@Tag("slow")
class Http3Test {
    private static final String EVENTS = "text/event-stream";
    private static final long H3_MESSAGE_ERROR = 0x10e;
    private static final int H3_REQUEST_CANCELLED = 0x10c;

    private static TestServer start(String... more) {
        List<String> settings = new ArrayList<>(List.of("http3", "on"));
        settings.addAll(List.of(more));
        return TlsFiles.start(settings.toArray(String[]::new));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void everyVerbWorksAndTheOtherVersionsTellOfIt() {
        try (TestServer server = start();
                Http3Client client = Http3Client.connect(server.port())) {
            Answer put = client.ask("PUT", "/v1/stream/c", "content-type", TEXT).answer();
            assertThat(put.status()).isEqualTo(201);
            Answer posted = client.ask(
                            "POST", "/v1/stream/c", bytes("hello"), "content-type", TEXT, "content-length", "5")
                    .answer();
            assertThat(posted.status()).isEqualTo(204);
            Answer read = client.ask("GET", "/v1/stream/c").answer();
            assertThat(read.status()).isEqualTo(200);
            assertThat(read.body()).isEqualTo("hello");
            assertThat(read.header("content-length")).isEqualTo("5");
            assertThat(read.header("x-content-type-options")).isEqualTo("nosniff");
            assertThat(read.header("connection")).isNull();
            Answer head = client.ask("HEAD", "/v1/stream/c").answer();
            assertThat(head.header("stream-next-offset")).isEqualTo(posted.header("stream-next-offset"));
            assertThat(head.body()).isEmpty();
            assertThat(client.ask("OPTIONS", "/v1/stream/c").answer().status()).isEqualTo(204);
            assertThat(client.ask("DELETE", "/v1/stream/c").answer().status()).isEqualTo(204);
            Answer gone = client.ask("GET", "/v1/stream/c").answer();
            assertThat(gone.status()).isEqualTo(404);
            assertThat(gone.body()).contains("\"code\":\"not_found\"");
            assertThat(client.ask("GET", "/").answer().body()).contains("<html");

            String alternative = "h3=\":" + server.port() + "\"; ma=3600";
            assertThat(TestServer.header(server.get("/health/live"), "Alt-Svc")).isEqualTo(alternative);
            assertThat(gone.header("alt-svc")).isEqualTo(alternative);
            assertThat(server.getText("/metrics"))
                    .contains("switchboard_http_answers_total{http=\"3\",method=\"get\",status=\"404\"} 1");
        }
    }

    @Test
    void itIsSilentUnlessItIsSwitchedOnAndTellsThePortItIsToldTo() {
        try (TestServer server = TlsFiles.start()) {
            assertThat(server.get("/health/live").headers().firstValue("Alt-Svc"))
                    .isEmpty();
        }
        try (TestServer server = TlsFiles.start("http3", "443")) {
            assertThat(TestServer.header(server.get("/health/live"), "Alt-Svc")).isEqualTo("h3=\":443\"; ma=3600");
        }
        try (TestServer server = TestServer.start("http3", "on")) { // without a certificate
            assertThat(server.get("/health/live").headers().firstValue("Alt-Svc"))
                    .isEmpty();
        }
    }

    @Test
    void aLongPollIsAnsweredWhileOthersGoOn() {
        try (TestServer server = start();
                Http3Client client = Http3Client.connect(server.port())) {
            server.create("c", TEXT);
            Http3Client.Stream poll = client.ask("GET", "/v1/stream/c?offset=now&live=long-poll");
            assertThat(client.ask("GET", "/health/live").answer().status()).isEqualTo(200);
            client.ask("POST", "/v1/stream/c", bytes("news"), "content-type", TEXT)
                    .answer();
            assertThat(poll.answer().body()).isEqualTo("news");
        }
    }

    private static final class Reader {
        private final Http3Client.Stream stream;
        private final EventStreamParser parser = new EventStreamParser();
        private final List<String> messages = new ArrayList<>();

        Reader(Http3Client.Stream stream) {
            this.stream = stream;
        }

        // What has come by now.
        void take(long millis) {
            Event event = stream.poll(millis);
            while (event != null) {
                if (event instanceof Event.Data(byte[] bytes)) take(bytes);
                event = stream.poll(0);
            }
        }

        private void take(byte[] bytes) {
            for (EventStreamParser.Event event : parser.feed(bytes)) {
                if (event.type().equals("message")) messages.add(event.data());
            }
        }

        void await(int count) {
            while (messages.size() < count) {
                switch (stream.next()) {
                    case Event.Data(byte[] bytes) -> take(bytes);
                    case Event other -> throw new AssertionError(other + " after " + messages.size());
                }
            }
        }
    }

    @Test
    void aHundredEventStreamsShareAConnection() {
        try (TestServer server = start();
                Http3Client client = Http3Client.connect(server.port())) {
            server.create("c", TEXT);
            List<Reader> readers = new ArrayList<>();
            for (int i = 0; i < 100; i++) readers.add(new Reader(client.ask("GET", "/v1/stream/c", "accept", EVENTS)));
            for (Reader reader : readers) reader.stream.headers();
            assertThat(server.getText("/metrics")).contains("switchboard_connections{transport=\"sse\"} 100");
            List<String> sent =
                    IntStream.range(0, 20).mapToObj(Integer::toString).toList();
            for (String message : sent) server.append("c", TEXT, message);
            for (Reader reader : readers) {
                reader.await(sent.size());
                assertThat(reader.messages).isEqualTo(sent);
            }
            server.closeChannel("c");
            await().until(() -> !server.getText("/metrics").contains("switchboard_connections{transport=\"sse\"}"));
        }
    }

    @Test
    void moreStreamsThanMayBeWaitForRoomAndHarmNobody() {
        int most = 3;
        try (TestServer server = start("limits.streamsPerConnection", "3");
                Http3Client client = Http3Client.connect(server.port());
                Http3Client sibling = Http3Client.connect(server.port())) {
            server.create("c", TEXT);
            List<Reader> readers = new ArrayList<>();
            for (int i = 0; i < most; i++) {
                assertThat(client.mayOpen()).as("stream %d", i).isTrue();
                readers.add(new Reader(client.ask("GET", "/v1/stream/c", "accept", EVENTS)));
            }
            for (Reader reader : readers) reader.stream.headers();
            assertThat(client.mayOpen()).isFalse();
            assertThat(sibling.ask("GET", "/health/live").answer().status()).isEqualTo(200);
            server.append("c", TEXT, "news");
            for (Reader reader : readers) reader.await(1);
            readers.getFirst().stream.channel().shutdown(H3_REQUEST_CANCELLED);
            int[] more = {0};
            await().until(() -> {
                server.append("c", TEXT, "more"); // the first one after the stop is what the server finds out by
                more[0]++;
                return server.getText("/metrics").contains("switchboard_connections{transport=\"sse\"} 2");
            });
            await().until(client::mayOpen);
            assertThat(client.ask("GET", "/v1/stream/c").answer().body()).isEqualTo("news" + "more".repeat(more[0]));
            for (Reader reader : readers.subList(1, most)) reader.await(1 + more[0]);
        }
    }

    @Test
    void aStalledStreamLagsAndItsSiblingsDoNot() {
        int window = 64 * 1024;
        try (TestServer server = start("threads", "1");
                Http3Client client = Http3Client.connect(server.port(), window)) {
            server.create("c", TEXT);
            Http3Client.Stream stalled = client.ask("GET", "/v1/stream/c", "accept", EVENTS);
            stalled.headers();
            stalled.reading(false);
            Reader one = new Reader(stalled);
            Reader other = new Reader(client.ask("GET", "/v1/stream/c", "accept", EVENTS));
            other.stream.headers();
            int messages = 300;
            for (int i = 0; i < messages; i++) {
                server.append("c", TEXT, i + " " + "x".repeat(2_000));
                other.await(i + 1);
            }
            one.take(0);
            assertThat(one.messages).hasSizeLessThan(messages / 2);
            assertThat(server.getText("/metrics")).containsPattern("switchboard_readers_lagging(\\{[^}]*})? 1");
            stalled.reading(true);
            one.await(messages);
            assertThat(one.messages).isEqualTo(other.messages);
        }
    }

    @Test
    void bodiesOfAnySizeArriveWholeBothWays() {
        byte[] large = new byte[3_000_000];
        for (int i = 0; i < large.length; i++) large[i] = (byte) ('a' + i % 26);
        try (TestServer server = start("limits.readBytes", "4MB");
                Http3Client client = Http3Client.connect(server.port())) {
            server.create("c", BYTES);
            Answer posted = client.ask("POST", "/v1/stream/c", large, "content-type", BYTES)
                    .answer();
            assertThat(posted.status()).isEqualTo(204);
            Answer read = client.ask("GET", "/v1/stream/c").answer();
            assertThat(read.body().length()).isEqualTo(large.length);
            assertThat(read.body().equals(new String(large, StandardCharsets.US_ASCII)))
                    .isTrue();
            Http3Client.Stream tooLarge = client.open()
                    .send(client.fields(
                            ":method",
                            "POST",
                            ":scheme",
                            "https",
                            ":authority",
                            "h",
                            ":path",
                            "/v1/stream/c",
                            "content-type",
                            BYTES,
                            "content-length",
                            "99999999"));
            assertThat(tooLarge.answer().status()).isEqualTo(413);
            assertThat(client.ask("GET", "/health/live").answer().status()).isEqualTo(200);
        }
    }

    @Test
    void whatIsWrongWithOneRequestIsToldAndHarmsNoOther() {
        String[] well = {":method", "GET", ":scheme", "https", ":authority", "h", ":path", "/health/live"};
        @SuppressWarnings("ArrayRecordComponent") // a row of a table
        record Bad(String why, int status, String... fields) {}
        int malformed = 0;
        List<Bad> table = List.of(
                new Bad("a target too long", 414, with(well, ":path", "/" + "x".repeat(9_000))),
                new Bad("fields too large", 431, and(well, "x", "y".repeat(17_000))),
                new Bad("another scheme", 400, with(well, ":scheme", "ftp")),
                new Bad("an unknown method", 501, with(well, ":method", "BREW")),
                new Bad("two of what comes once", 400, and(well, "authorization", "a", "authorization", "b")),
                new Bad("a tunnel", 405, ":method", "CONNECT", ":authority", "h:1"),
                new Bad("a protocol without CONNECT", malformed, and(well, ":protocol", "websocket")),
                new Bad("a whole address", malformed, with(well, ":path", "http://h/")),
                new Bad("no path", malformed, ":method", "GET", ":scheme", "https", ":authority", "h"),
                new Bad("no method", malformed, ":path", "/", ":scheme", "https", ":authority", "h"),
                new Bad("a pseudo-field behind others", malformed, ":method", "GET", "x", "y", ":path", "/"),
                new Bad("two authorities", malformed, and(well, "host", "other")),
                new Bad("upper case", malformed, and(well, "X-Name", "x")),
                new Bad("a name that is none", malformed, and(well, "x y", "x")),
                new Bad("a line break", malformed, and(well, "x", "a\nb")),
                new Bad("space around", malformed, and(well, "x", " a")),
                new Bad("a connection's field", malformed, and(well, "connection", "close")),
                new Bad("a transfer coding", malformed, and(well, "transfer-encoding", "chunked")),
                new Bad("TE", malformed, and(well, "te", "gzip")),
                new Bad("content that does not come", malformed, and(well, "content-length", "1")));
        try (TestServer server = start();
                Http3Client client = Http3Client.connect(server.port())) {
            for (Bad bad : table) {
                Http3Client.Stream stream =
                        client.open().send(client.fields(bad.fields())).end();
                if (bad.status() == malformed) {
                    assertThat(stream.resetWith()).as(bad.why()).isEqualTo(H3_MESSAGE_ERROR);
                } else {
                    Answer answer = stream.answer();
                    assertThat(answer.status()).as(bad.why()).isEqualTo(bad.status());
                    assertThat(answer.body()).as(bad.why()).contains("\"detail\":");
                }
            }
            assertThat(client.ask("GET", "/health/live").answer().status()).isEqualTo(200);
        }
    }

    private static String[] with(String[] fields, String name, String value) {
        String[] changed = fields.clone();
        for (int i = 0; i < changed.length; i += 2) if (changed[i].equals(name)) changed[i + 1] = value;
        return changed;
    }

    private static String[] and(String[] fields, String... more) {
        List<String> all = new ArrayList<>(List.of(fields));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }
}
