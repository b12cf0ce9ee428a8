package io.switchboard.server;

import static io.switchboard.server.Http2Client.CANCEL;
import static io.switchboard.server.Http2Client.DATA;
import static io.switchboard.server.Http2Client.END_HEADERS;
import static io.switchboard.server.Http2Client.END_STREAM;
import static io.switchboard.server.Http2Client.ENHANCE_YOUR_CALM;
import static io.switchboard.server.Http2Client.GOAWAY;
import static io.switchboard.server.Http2Client.HEADERS;
import static io.switchboard.server.Http2Client.HEADER_TABLE_SIZE;
import static io.switchboard.server.Http2Client.NO_ERROR;
import static io.switchboard.server.Http2Client.PING;
import static io.switchboard.server.Http2Client.PROTOCOL_ERROR;
import static io.switchboard.server.Http2Client.REFUSED_STREAM;
import static io.switchboard.server.Http2Client.RST_STREAM;
import static io.switchboard.server.Http2Client.SETTINGS_TIMEOUT;
import static io.switchboard.server.Http2Client.frame;
import static io.switchboard.server.TestServer.BYTES;
import static io.switchboard.server.TestServer.TEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.server.Http2Client.Answer;
import io.switchboard.server.Http2Client.Frame;
import io.switchboard.testkit.sse.EventStreamParser;
import io.switchboard.testkit.sse.EventStreamParser.Event;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What works over HTTP/1.1 works over HTTP/2, many at a time on one connection. */
class Http2Test {
    private static final String EVENTS = "text/event-stream";

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> numbers(int to) {
        return IntStream.range(0, to).mapToObj(Integer::toString).toList();
    }

    @Test
    void everyVerbWorksWithoutTlsForThoseWhoBeginWithIt() {
        try (TestServer server = TestServer.start();
                Http2Client client = Http2Client.connect(server.port())) {
            int put = client.ask("PUT", "/v1/stream/c", "content-type", TEXT);
            assertThat(client.answer(put).status()).isEqualTo(201);
            int post = client.ask("POST", "/v1/stream/c", bytes("hello"), "content-type", TEXT, "content-length", "5");
            Answer posted = client.answer(post);
            assertThat(posted.status()).isEqualTo(204);
            String offset = posted.header("stream-next-offset");
            Answer read = client.answer(client.ask("GET", "/v1/stream/c"));
            assertThat(read.status()).isEqualTo(200);
            assertThat(read.body()).isEqualTo("hello");
            assertThat(read.header("content-length")).isEqualTo("5");
            assertThat(read.header("x-content-type-options")).isEqualTo("nosniff");
            assertThat(read.header("date")).isNotNull();
            assertThat(read.header("connection")).isNull();
            Answer head = client.answer(client.ask("HEAD", "/v1/stream/c"));
            assertThat(head.header("stream-next-offset")).isEqualTo(offset);
            assertThat(head.body()).isEmpty();
            assertThat(client.answer(client.ask("OPTIONS", "/v1/stream/c")).status())
                    .isEqualTo(204);
            assertThat(client.answer(client.ask("DELETE", "/v1/stream/c")).status())
                    .isEqualTo(204);
            Answer gone = client.answer(client.ask("GET", "/v1/stream/c"));
            assertThat(gone.status()).isEqualTo(404);
            assertThat(gone.body()).contains("\"code\":\"not_found\"");
            assertThat(client.answer(client.ask("GET", "/")).body()).contains("<html");
        }
    }

    /** Browsers offer a table of 64 KB: what is kept of fields for them is no less than for those who offer nothing. */
    @Test
    void whatAnswersHaveInCommonIsSaidOnceToWhoRemembersMuch() {
        try (TestServer server = TestServer.start();
                Http2Client client = Http2Client.connect(server.port(), HEADER_TABLE_SIZE, 65_536)) {
            server.create("c", TEXT);
            String next = "-1";
            List<Integer> heads = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                client.answer(client.ask("POST", "/v1/stream/c", bytes("news"), "content-type", TEXT));
                Answer read = client.answer(client.ask("GET", "/v1/stream/c?offset=" + next));
                heads.add(read.headBytes());
                next = Objects.requireNonNull(read.header("stream-next-offset"));
            }
            assertThat(heads.subList(1, heads.size())).allMatch(bytes -> bytes < 100);
        }
    }

    @Test
    void aLongPollIsAnsweredWhileOthersGoOn() {
        try (TestServer server = TestServer.start();
                Http2Client client = Http2Client.connect(server.port())) {
            server.create("c", TEXT);
            int poll = client.ask("GET", "/v1/stream/c?offset=now&live=long-poll");
            assertThat(client.answer(client.ask("GET", "/health/live")).status())
                    .isEqualTo(200);
            int post = client.ask("POST", "/v1/stream/c", bytes("news"), "content-type", TEXT);
            Map<Integer, Frame> heads = new HashMap<>();
            while (heads.size() < 2) {
                Frame head = client.next(frame -> frame.type() == HEADERS);
                heads.put(head.stream(), head);
            }
            assertThat(heads).containsOnlyKeys(poll, post);
            assertThat(client.next(DATA, poll).text()).isEqualTo("news");
        }
    }

    @Test
    @Tag("slow")
    void browsersAndTheJdkAgreeOnItWithinTls() throws IOException, InterruptedException {
        try (TestServer server = TlsFiles.start();
                HttpClient client = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_2)
                        .sslContext(TlsFiles.TRUST)
                        .build()) {
            server.create("c", TEXT);
            server.awaitConnections(1, 1);
            URI uri = URI.create(server.server().url() + "/v1/stream/c");
            HttpRequest events = HttpRequest.newBuilder(URI.create(uri + "?offset=-1"))
                    .header("Accept", EVENTS)
                    .build();
            client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding()); // it has its connection
            List<CompletableFuture<HttpResponse<String>>> streams = new ArrayList<>();
            for (int i = 0; i < 100; i++) streams.add(client.sendAsync(events, BodyHandlers.ofString()));
            await().untilAsserted(() ->
                    assertThat(server.getText("/metrics")).contains("switchboard_connections{transport=\"sse\"} 100"));
            server.awaitConnections(2, 2); // the other one is the test's own
            int messages = 50;
            for (int i = 0; i < messages; i++) {
                HttpResponse<Void> response = client.send(
                        HttpRequest.newBuilder(uri)
                                .header("Content-Type", TEXT)
                                .POST(BodyPublishers.ofString(Integer.toString(i)))
                                .build(),
                        BodyHandlers.discarding());
                assertThat(response.statusCode()).isEqualTo(204);
                assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
            }
            server.closeChannel("c");
            for (CompletableFuture<HttpResponse<String>> stream : streams) {
                assertThat(stream.join().version()).isEqualTo(HttpClient.Version.HTTP_2);
                assertThat(messages(stream.join().body())).isEqualTo(numbers(messages));
            }
        }
    }

    private static List<String> messages(String stream) {
        return new EventStreamParser()
                .feed(bytes(stream)).stream()
                        .filter(event -> event.type().equals("message"))
                        .map(Event::data)
                        .toList();
    }

    private static final class Reader {
        private final EventStreamParser parser = new EventStreamParser();
        private final List<String> messages = new ArrayList<>();

        void take(Frame frame) {
            for (Event event : parser.feed(frame.content())) {
                if (event.type().equals("message")) messages.add(event.data());
            }
        }

        int numbered(int at) {
            return Integer.parseInt(
                    messages.get(at).substring(0, messages.get(at).indexOf(' ')));
        }
    }

    @Test
    void aStalledStreamLagsAndItsSiblingsDoNot() {
        try (TestServer server = TestServer.start("threads", "1");
                Http2Client client = Http2Client.connect(server.port())) {
            server.create("c", TEXT);
            client.grant(0, 1 << 30);
            int stalled = client.ask("GET", "/v1/stream/c", "accept", EVENTS);
            int lively = client.ask("GET", "/v1/stream/c", "accept", EVENTS);
            client.headOf(stalled);
            client.headOf(lively);
            client.grant(lively, 1 << 30);
            Reader one = new Reader();
            Reader other = new Reader();
            int messages = 300;
            for (int i = 0; i < messages; i++) {
                server.append("c", TEXT, i + " " + "x".repeat(2_000));
                while (other.messages.size() <= i) {
                    Frame frame = client.next(each -> each.type() == DATA);
                    (frame.stream() == stalled ? one : other).take(frame);
                }
            }
            assertThat(one.messages).hasSizeBetween(20, 33); // as many as its window holds
            assertThat(server.getText("/metrics")).containsPattern("switchboard_readers_lagging(\\{[^}]*})? 1");
            client.grant(stalled, 1 << 30);
            while (one.messages.size() < messages) one.take(client.next(DATA, stalled));
            for (int i = 0; i < messages; i++) {
                assertThat(one.numbered(i)).isEqualTo(i);
                assertThat(other.numbered(i)).isEqualTo(i);
            }
        }
    }

    @Test
    @Tag("slow")
    void aStreamThatTakesNothingForTooLongEndsAlone() {
        try (TestServer server = TestServer.start("live.stalledMax", "1s");
                Http2Client client = Http2Client.connect(server.port())) {
            server.create("c", BYTES);
            server.append("c", BYTES, new byte[500_000]);
            client.grant(0, 1 << 30);
            int stalled = client.ask("GET", "/v1/stream/c");
            int lively = client.ask("GET", "/v1/stream/c");
            client.grant(lively, 1 << 30);
            client.headOf(stalled);
            assertThat(client.answer(lively).body()).hasSize(500_000);
            assertThat(client.next(RST_STREAM, stalled).error()).isEqualTo(CANCEL);
            assertThat(client.answer(client.ask("GET", "/health/live")).status())
                    .isEqualTo(200);
        }
    }

    @Test
    @Tag("slow")
    void whatReadersDoNotTakeDoesNotPileUp() {
        try (TestServer server = TestServer.start("threads", "1");
                Http2Client client = Http2Client.connect(server.port(), 4, 0)) {
            server.create("c", BYTES);
            for (int i = 0; i < 4; i++) server.append("c", BYTES, new byte[250_000]);
            server.get("/v1/stream/c");
            long before = Memory.direct();
            int asked = 60;
            for (int i = 0; i < asked; i++) client.ask("GET", "/v1/stream/c");
            server.settle();
            assertThat(Memory.direct() - before).isLessThan(24L << 20); // of 60 MB asked for
            client.send(Http2Client.settings(4, 1 << 30));
            client.grant(0, 1 << 30);
            for (int ended = 0; ended < asked; ) {
                Frame frame = client.read();
                if (frame != null && frame.type() == DATA && frame.ends()) ended++;
            }
        }
    }

    /** A request that is refused, and how. */
    private record Bad(String why, int status, List<String> fields) {
        static Bad of(String why, int status, String... fields) {
            return new Bad(why, status, List.of(fields));
        }
    }

    @Test
    void whatIsWrongWithOneRequestIsToldAndHarmsNoOther() {
        String[] well = {":method", "GET", ":scheme", "http", ":authority", "h", ":path", "/health/live"};
        int malformed = 0;
        List<Bad> table = List.of(
                Bad.of("a target too long", 414, with(well, ":path", "/" + "x".repeat(9_000))),
                Bad.of("fields too large", 431, and(well, "x", "y".repeat(17_000))),
                Bad.of(
                        "a list too large for the reader",
                        431,
                        and(well, "x", "y".repeat(22_000), "z", "y".repeat(9_000))),
                Bad.of("a user in the authority", 400, with(well, ":authority", "u@h")),
                Bad.of("two authorities", 400, and(well, "host", "other")),
                Bad.of("another scheme", 400, with(well, ":scheme", "ftp")),
                Bad.of("a fragment", 400, with(well, ":path", "/#x")),
                Bad.of("an unknown method", 501, with(well, ":method", "BREW")),
                Bad.of("two of what comes once", 400, and(well, "authorization", "a", "authorization", "b")),
                Bad.of("another expectation", 417, and(well, "expect", "more")),
                Bad.of("a tunnel", 405, ":method", "CONNECT", ":authority", "h:1"),
                Bad.of("a protocol without CONNECT", malformed, and(well, ":protocol", "websocket")),
                Bad.of("a whole address", malformed, with(well, ":path", "http://h/")),
                Bad.of("no path", malformed, ":method", "GET", ":scheme", "http", ":authority", "h"),
                Bad.of("no method", malformed, ":path", "/", ":scheme", "http", ":authority", "h"),
                Bad.of("a status", malformed, and(well, ":status", "200")),
                Bad.of("a method that is none", malformed, with(well, ":method", "GE T")),
                Bad.of("upper case", malformed, and(well, "X-Name", "x")),
                Bad.of("a line break", malformed, and(well, "x", "a\nb")),
                Bad.of("space around", malformed, and(well, "x", " a")),
                Bad.of("a connection's field", malformed, and(well, "connection", "close")),
                Bad.of("an upgrade", malformed, and(well, "upgrade", "websocket")),
                Bad.of("a transfer coding", malformed, and(well, "transfer-encoding", "chunked")),
                Bad.of("TE", malformed, and(well, "te", "gzip")),
                Bad.of("content that does not come", malformed, and(well, "content-length", "1")),
                Bad.of("two lengths", malformed, and(well, "content-length", "0", "content-length", "0")));
        try (TestServer server = TestServer.start();
                Http2Client client = Http2Client.connect(server.port())) {
            for (Bad bad : table) {
                int stream = client.newStream();
                client.send(whole(stream, client.fields(bad.fields().toArray(String[]::new))));
                if (bad.status() == malformed) {
                    assertThat(client.next(RST_STREAM, stream).error())
                            .as(bad.why())
                            .isEqualTo(PROTOCOL_ERROR);
                } else {
                    Answer answer = client.answer(stream);
                    assertThat(answer.status()).as(bad.why()).isEqualTo(bad.status());
                    assertThat(answer.body()).as(bad.why()).contains("\"detail\":");
                }
            }
            assertThat(client.answer(client.ask("GET", "/health/live")).status())
                    .isEqualTo(200);
        }
    }

    // A head of any size.
    private static byte[] whole(int stream, byte[] block) {
        int first = Math.min(block.length, 16_384);
        boolean fits = first == block.length;
        byte[] begin = frame(HEADERS, END_STREAM | (fits ? END_HEADERS : 0), stream, Arrays.copyOf(block, first));
        if (fits) return begin;
        return Http2Client.join(
                begin,
                frame(Http2Client.CONTINUATION, END_HEADERS, stream, Arrays.copyOfRange(block, first, block.length)));
    }

    private static String[] with(String[] fields, String name, String value) {
        String[] all = fields.clone();
        for (int i = 0; i < all.length; i += 2) if (all[i].equals(name)) all[i + 1] = value;
        return all;
    }

    private static String[] and(String[] fields, String... more) {
        List<String> all = new ArrayList<>(List.of(fields));
        boolean pseudo = more[0].startsWith(":");
        all.addAll(pseudo ? 0 : all.size(), List.of(more));
        return all.toArray(String[]::new);
    }

    @Test
    @Tag("slow")
    void bodiesHaveTheLimitsThatTheyHaveOtherwise() {
        try (TestServer server = TestServer.start("limits.messageBytes", "100KB", "timeouts.body", "300ms");
                Http2Client client = Http2Client.connect(server.port())) {
            server.create("c", BYTES);
            int large = client.ask("POST", "/v1/stream/c", new byte[120_000], "content-type", BYTES);
            assertThat(client.answer(large).status()).isEqualTo(413);
            int announced = client.newStream();
            client.send(frame(
                    HEADERS,
                    END_HEADERS,
                    announced,
                    client.head("POST", "/v1/stream/c", "content-type", BYTES, "content-length", "200000")));
            assertThat(client.answer(announced).status()).isEqualTo(413);
            assertThat(client.next(RST_STREAM, announced).error()).isEqualTo(NO_ERROR);
            int slow = client.newStream();
            client.send(
                    frame(HEADERS, END_HEADERS, slow, client.head("POST", "/v1/stream/c", "expect", "100-continue")));
            assertThat(client.headOf(slow).status()).hasToString("100");
            client.send(frame(DATA, 0, slow, (byte) 1));
            assertThat(client.answer(slow).status()).isEqualTo(408);
            int more = client.newStream();
            client.send(frame(
                    HEADERS,
                    END_HEADERS,
                    more,
                    client.head("POST", "/v1/stream/c", "content-type", BYTES, "content-length", "1")));
            client.send(frame(DATA, END_STREAM, more, new byte[2]));
            assertThat(client.next(RST_STREAM, more).error()).isEqualTo(PROTOCOL_ERROR);
            int trailed = client.newStream();
            client.send(
                    frame(HEADERS, END_HEADERS, trailed, client.head("POST", "/v1/stream/c", "content-type", BYTES)));
            client.send(frame(DATA, 0, trailed, (byte) 1));
            client.send(frame(HEADERS, END_HEADERS | END_STREAM, trailed, client.fields("x-sum", "1")));
            assertThat(client.answer(trailed).status()).isEqualTo(204);
        }
    }

    @Test
    void moreStreamsThanMayBeAreRefused() {
        try (TestServer server = TestServer.start("limits.streamsPerConnection", "3");
                Http2Client client = Http2Client.connect(server.port())) {
            server.create("c", TEXT);
            List<Integer> streams = new ArrayList<>();
            for (int i = 0; i < 4; i++) streams.add(client.ask("GET", "/v1/stream/c", "accept", EVENTS));
            assertThat(client.next(RST_STREAM, streams.get(3)).error()).isEqualTo(REFUSED_STREAM);
            for (int stream : streams.subList(0, 3)) client.headOf(stream);
            client.send(Http2Client.integer(RST_STREAM, streams.getFirst(), CANCEL));
            assertThat(client.answer(client.ask("GET", "/health/live")).status())
                    .isEqualTo(200);
        }
    }

    @Test
    @Tag("slow")
    void aServerThatGoesDownSaysSoTwiceAndAnswersWhatWasAsked() {
        try (TestServer server = TestServer.start();
                Http2Client client = Http2Client.connect(server.port())) {
            server.create("c", TEXT);
            int stream = client.ask("GET", "/v1/stream/c", "accept", EVENTS);
            client.headOf(stream);
            Thread stopping = Thread.ofVirtual().start(() -> server.server().stop(Duration.ofSeconds(5)));
            Frame first = client.goAway();
            assertThat(first.lastStream()).isEqualTo(Integer.MAX_VALUE);
            assertThat(first.error()).isEqualTo(NO_ERROR);
            int late = client.ask("GET", "/health/live"); // sent before the peer could know
            assertThat(client.answer(late).status()).isEqualTo(200);
            Frame ping = client.next(PING, 0);
            client.send(frame(PING, Http2Client.ACK, 0, ping.content()));
            assertThat(client.goAway().lastStream()).isEqualTo(late);
            assertThat(client.next(frame -> frame.stream() == stream && frame.ends())
                            .text())
                    .isEmpty();
            client.awaitEnd();
            await().until(() -> !stopping.isAlive());
        }
    }

    @Test
    @Tag("slow")
    void anIdleConnectionIsToldGoodbye() {
        try (TestServer server = TestServer.start("timeouts.idle", "300ms", "timeouts.header", "300ms");
                Http2Client idle = Http2Client.connect(server.port())) {
            assertThat(idle.answer(idle.ask("GET", "/health/live")).status()).isEqualTo(200);
            assertThat(idle.goAway().error()).isEqualTo(NO_ERROR);
            idle.awaitEnd();
        }
    }

    @Test
    @Tag("slow")
    void aHeadThatDoesNotEndIsNotAwaited() {
        try (TestServer server = TestServer.start("timeouts.header", "300ms");
                Http2Client half = Http2Client.connect(server.port())) {
            assertThat(half.answer(half.ask("GET", "/health/live")).status()).isEqualTo(200);
            half.send(frame(HEADERS, END_STREAM, half.newStream(), half.head("GET", "/")));
            assertThat(half.goAway().error()).isEqualTo(PROTOCOL_ERROR);
            half.awaitEnd();
        }
    }

    @Test
    @Tag("slow")
    void whoDoesNotAgreeToTheSettingsIsNotServedForLong() {
        try (TestServer server = TestServer.start("timeouts.header", "300ms");
                Http2Client client = Http2Client.connect(server.port())) {
            client.agreesToNothing();
            server.create("c", TEXT);
            int stream = client.ask("GET", "/v1/stream/c", "accept", EVENTS);
            assertThat(client.headOf(stream).status()).hasToString("200");
            assertThat(client.goAway().error()).isEqualTo(SETTINGS_TIMEOUT);
            client.awaitEnd();
            await().until(() -> server.getText("/metrics")
                    .contains("switchboard_http2_errors_total{error=\"settings_timeout\"} 1"));
        }
    }

    @Test
    @Tag("slow")
    void nobodyGetsItWhereItIsOff() throws IOException, InterruptedException {
        try (TestServer plain = TestServer.start("http2", "off");
                RawClient raw = plain.raw()) {
            raw.send(bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
            assertThat(raw.answer().status()).isIn(400, 505);
        }
        try (TestServer server = TlsFiles.start("http2", "off");
                HttpClient client = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_2)
                        .sslContext(TlsFiles.TRUST)
                        .build()) {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(server.server().url())).build();
            assertThat(client.send(request, BodyHandlers.discarding()).version())
                    .isEqualTo(HttpClient.Version.HTTP_1_1);
        }
    }

    @Test
    void aRequestOfHttp1ThatBeginsAlikeIsOne() {
        try (TestServer server = TestServer.start();
                RawClient raw = server.raw()) {
            server.create("c", TEXT);
            raw.send(bytes("P"));
            server.settle();
            raw.send(bytes("OST /v1/stream/c HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\n"
                    + "Content-Length: 1\r\n\r\nx"));
            assertThat(raw.answer().status()).isEqualTo(204);
        }
    }

    @Test
    void whatOnlyHttp2CanSayIsNotSaidOverHttp1() {
        try (TestServer server = TestServer.start();
                RawClient raw = server.raw()) {
            raw.send(bytes(
                    "GET /live HTTP/1.1\r\nHost: h\r\n:protocol: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n"));
            assertThat(raw.answer().status()).isEqualTo(400);
        }
    }

    @Test
    void aTrustedProxySpeaksForManyWhoLeaveAtOnce() {
        try (TestServer server = TestServer.start("proxy.trusted", "127.0.0.1");
                Http2Client client = Http2Client.connect(server.port())) {
            server.create("c", TEXT);
            for (int i = 0; i < 600; i++) {
                int stream = client.ask("GET", "/v1/stream/c", "accept", EVENTS, "x-forwarded-for", "192.0.2.7");
                client.headOf(stream);
                client.send(Http2Client.integer(RST_STREAM, stream, CANCEL));
            }
            assertThat(client.answer(client.ask("GET", "/health/live")).status())
                    .isEqualTo(200);
        }
    }

    @Test
    void manyAtOnceAreToldTheSameAndCounted() {
        try (TestServer server = TestServer.start();
                Http2Client client = Http2Client.connect(server.port())) {
            client.grant(0, 1 << 20);
            for (int i = 0; i < 100; i++) client.ask("GET", "/health/live");
            for (int i = 0; i < 100; i++) client.next(frame -> frame.type() == DATA && frame.ends());
            assertThat(server.getText("/metrics"))
                    .contains("switchboard_http_answers_total{http=\"2\",method=\"get\",status=\"200\"} 100");
            client.send(frame(PING, 0, 0, new byte[7]));
            Frame end = client.goAway();
            assertThat(end.type()).isEqualTo(GOAWAY);
            assertThat(end.error()).isNotEqualTo(ENHANCE_YOUR_CALM);
            assertThat(server.getText("/metrics"))
                    .contains("switchboard_http2_errors_total{error=\"frame_size_error\"} 1");
        }
    }
}
