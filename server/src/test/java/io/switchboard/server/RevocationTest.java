package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** {@code /v1/sessions}: who is connected, and how somebody is put out of every transport at once. */
@Tag("slow")
final class RevocationTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String V1 = "Sec-WebSocket-Protocol: switchboard.v1";
    private static final String EVENTS = "Accept: text/event-stream";

    @TempDir
    private Path folder;

    private Tokens tokens;
    private TestServer server;
    private String root;

    @BeforeEach
    void start() {
        tokens = new Tokens(folder);
        root = Tokens.bearer(tokens.all());
        server = run();
        assertThat(ask("PUT /v1/stream/c", root, "Content-Type: application/json"))
                .isEqualTo(201);
    }

    private TestServer run() {
        return tokens.server("store", "rocksdb", "data", folder.resolve("data").toString(), "auth.clockSkew", "1s");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private int ask(String request, String... fields) {
        try (RawClient raw = server.raw()) {
            return raw.ask(request, fields).answer().status();
        }
    }

    private JsonNode sessions(String query) {
        try (RawClient raw = server.raw()) {
            RawClient.Answer answer = raw.ask("GET /v1/sessions" + query, root).answer();
            assertThat(answer.status()).isEqualTo(200);
            return JSON.readTree(answer.body());
        }
    }

    private void append(String message) {
        try (RawClient raw = server.raw()) {
            assertThat(raw.post("c", TestServer.JSON, message, root).answer().status())
                    .isEqualTo(204);
        }
    }

    @Test
    void aSubjectIsPutOutOfEveryTransportWithinASecondAndNobodyElse() {
        String token = tokens.of("mallory").read("c").sign();
        String bearer = Tokens.bearer(token);
        String other = tokens.of("alice").read("c").bearer();
        try (FrameClient line = FrameClient.open(server.port(), "/live", V1, bearer);
                FrameClient bare = FrameClient.open(server.port(), "/live", bearer);
                FrameClient stream = FrameClient.ask(Http2Client.connect(server.port()), "/live", V1, bearer);
                FrameClient byMessage = FrameClient.open(server.port(), "/live", V1);
                FrameClient socket = FrameClient.open(server.port(), "/v1/stream/c", bearer);
                FrameClient echo = FrameClient.open(server.port(), "/v1/stream/c?echo", bearer);
                EventClient plain = server.events("/v1/stream/c", bearer);
                EventClient durable = server.events("/v1/stream/c?offset=now&live=sse", bearer);
                EventClient shared = server.events("/live?channel=c", bearer);
                RawClient poll = server.raw();
                RawClient idle = server.raw();
                EventClient healthy = server.events("/v1/stream/c", other)) {
            byMessage.text("{\"id\":1,\"action\":\"auth\",\"token\":\"" + token + "\"}");
            assertThat(byMessage.nextText()).contains("ok");
            poll.ask("GET /v1/stream/c?offset=now&live=long-poll", bearer);
            assertThat(idle.ask("GET /v1/stream/c", bearer).answer().status()).isEqualTo(200);
            healthy.id();
            await().until(() -> sessions("?sub=mallory").get("sessions").size() == 10);
            assertThat(sessions("?sub=mallory").get("sessions"))
                    .filteredOn(session -> session.get("http").asString().equals("2"))
                    .singleElement()
                    .extracting(session -> session.get("transport").asString())
                    .isEqualTo("line");

            long before = System.nanoTime();
            assertThat(ask("DELETE /v1/sessions?sub=mallory", root)).isEqualTo(204);
            for (FrameClient client : List.of(line, bare, stream, byMessage, socket, echo)) {
                assertThat(code(client)).isEqualTo(4012);
            }
            for (EventClient events : List.of(plain, durable, shared)) events.rest();
            assertThat(poll.answer().status()).isEqualTo(204);
            assertThat(System.nanoTime() - before).isLessThan(TimeUnit.SECONDS.toNanos(1));

            assertThat(idle.ask("GET /v1/stream/c", bearer).answer().status()).isEqualTo(401);
            append("\"still there\"");
            assertThat(healthy.next().data()).isEqualTo("\"still there\"");
        }
        server.close();
        server = run();
        assertThat(ask("GET /v1/stream/c", bearer)).isEqualTo(401);
        assertThat(ask("GET /v1/stream/c", other)).isEqualTo(200);
        await().atMost(Duration.ofSeconds(5)) // whoever issues tokens may be a second ahead
                .until(() ->
                        ask("GET /v1/stream/c", tokens.of("mallory").read("c").bearer()) == 200);
        assertThat(ask(
                        "GET /v1/stream/c",
                        tokens.of("mallory").read("c").with("iat", 1).bearer()))
                .isEqualTo(401);
    }

    // A token that is about to expire is said to be so first.
    private static int code(FrameClient client) {
        FrameClient.Frame frame = client.next();
        while (frame.first() == (FrameClient.FIN | FrameClient.TEXT)) frame = client.next();
        return frame.code();
    }

    @Test
    void oneTokenIsRevokedByItsName() {
        String first = tokens.of("alice").read("c").with("jti", "t-1").bearer();
        String second = tokens.of("alice").read("c").with("jti", "t-2").bearer();
        try (FrameClient one = FrameClient.open(server.port(), "/live", V1, first);
                FrameClient two = FrameClient.open(server.port(), "/live", V1, second)) {
            assertThat(ask("DELETE /v1/sessions?jti=t-1", root)).isEqualTo(204);
            assertThat(code(one)).isEqualTo(4012);
            two.text("{\"id\":1,\"action\":\"ping\"}");
            assertThat(two.nextText()).contains("\"ok\"");
        }
        assertThat(ask("GET /v1/stream/c", first)).isEqualTo(401);
        assertThat(ask("GET /v1/stream/c", second)).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sub=mallory", "jti=t-1"})
    void aTokenOfAnIssuerWhoseClockIsAheadIsRevokedToo(String whose) {
        String bearer = tokens.of("mallory")
                .read("c")
                .with("jti", "t-1")
                .with("iat", (System.currentTimeMillis() + 900) / 1_000.0)
                .bearer();
        try (FrameClient line = FrameClient.open(server.port(), "/live", V1, bearer)) {
            assertThat(ask("DELETE /v1/sessions?" + whose, root)).isEqualTo(204);
            assertThat(code(line)).isEqualTo(4012);
        }
        assertThat(ask("GET /v1/stream/c", bearer)).isEqualTo(401);
    }

    @Test
    void whoComesInWhileItIsRevokedDoesNotSlipThrough() throws Exception {
        for (int round = 0; round < 5; round++) {
            String subject = "mallory-" + round;
            String bearer = tokens.of(subject).read("c").bearer();
            List<RawClient> clients = new ArrayList<>();
            Thread comes = Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 60; i++) {
                    RawClient raw = server.raw();
                    clients.add(raw);
                    if (i % 2 == 0) raw.ask("GET /v1/stream/c", bearer, EVENTS);
                    else raw.ask("GET /v1/stream/c?offset=now&live=long-poll", bearer);
                }
            });
            await().until(() -> sessions("?sub=" + subject).get("sessions").size() > 5);
            assertThat(ask("DELETE /v1/sessions?sub=" + subject, root)).isEqualTo(204);
            comes.join();
            await().atMost(Duration.ofSeconds(1))
                    .until(() -> sessions("?sub=" + subject).get("sessions").isEmpty());
            for (RawClient client : clients) {
                RawClient.Answer answer = client.answer(); // each was answered to its end
                assertThat(answer.status()).isIn(200, 204, 401);
                client.close();
            }
        }
    }

    @Test
    void whoDoesNotTakeWhatWasSentIsCutOff() {
        String bearer = tokens.of("slow").read("c").bearer();
        for (int i = 0; i < 8; i++) append("\"" + "x".repeat(1_000_000) + "\"");
        String target = "/v1/stream/c?offset=-1";
        try (FrameClient socket = FrameClient.open(server.port(), 4_096, target, bearer);
                RawClient events = RawClient.connect(server.port(), 4_096)) {
            events.ask("GET " + target, bearer, EVENTS);
            await().until(() -> {
                JsonNode both = sessions("?sub=slow").get("sessions");
                return both.size() == 2
                        && both.get(0).get("lagging").asInt() == 1
                        && both.get(1).get("lagging").asInt() == 1
                        && both.get(0).get("pendingBytes").asLong() > 0;
            });
            assertThat(ask("DELETE /v1/sessions?sub=slow", root)).isEqualTo(204);
            await().atMost(Duration.ofSeconds(1))
                    .until(() -> server.server().openConnections() <= 1); // the one that asks may be closing
            assertThat(socket.status()).isEqualTo(101);
        }
    }

    @Test
    void whoDoesNotTakeWhatWasSentIsCutOffAtTheEndOfItsTokenToo() {
        for (int i = 0; i < 8; i++) append("\"" + "x".repeat(1_000_000) + "\"");
        String bearer = tokens.of("slow").read("c").lives(6_000).bearer();
        String target = "/v1/stream/c?offset=-1";
        try (FrameClient socket = FrameClient.open(server.port(), 4_096, target, bearer);
                FrameClient line = FrameClient.open(server.port(), 4_096, "/live", V1, bearer);
                RawClient events = RawClient.connect(server.port(), 4_096)) {
            line.text("{\"action\":\"subscribe\",\"channel\":\"c\",\"offset\":\"-1\"}");
            events.ask("GET " + target, bearer, EVENTS);
            await().until(() ->
                    sessions("?sub=slow").findValuesAsString("lagging").equals(List.of("1", "1", "1")));
            await().atMost(Duration.ofSeconds(9)) // the token lives for 6, and nobody is given stalledMax
                    .until(() -> server.server().openConnections() <= 1); // the one that asks may be closing
            assertThat(List.of(socket.status(), line.status())).containsOnly(101);
        }
    }

    @Test
    void ticketsAndCookiesFallWithTheirToken() {
        String bearer = tokens.of("alice").read("c").bearer();
        String unused = ticket(bearer);
        String cookie;
        try (EventClient events = server.events("/v1/stream/c?ticket=" + ticket(bearer))) {
            String set = events.head().header("Set-Cookie");
            if (set == null) throw new AssertionError("no cookie");
            cookie = "Cookie: " + set.substring(0, set.indexOf(';'));
        }
        server.close(); // the cookie outlasts that
        server = run();
        try (EventClient events = server.events("/v1/stream/c", cookie)) {
            assertThat(ask("DELETE /v1/sessions?sub=alice", root)).isEqualTo(204);
            events.rest();
        }
        assertThat(ask("GET /v1/stream/c", cookie, EVENTS)).isEqualTo(401);
        assertThat(ask("GET /v1/stream/c?ticket=" + unused, EVENTS)).isEqualTo(401);
    }

    private String ticket(String bearer) {
        try (RawClient raw = server.raw()) {
            String body = raw.ask("POST /v1/tickets", bearer).answer().body();
            return JSON.readTree(body).get("ticket").asString();
        }
    }

    @Test
    void sessionsAreShownToAdminsPageByPage() {
        String bearer = tokens.of("alice").read("c", "d").with("jti", "t-1").bearer();
        try (EventClient events = server.events("/v1/stream/c", bearer);
                EventClient both = server.events("/live?channel=c&channel=d", bearer);
                FrameClient line = FrameClient.open(server.port(), "/live", V1, bearer)) {
            events.id();
            both.id();
            line.text("{\"id\":1,\"action\":\"ping\"}");
            line.nextText();
            JsonNode all = sessions("").get("sessions");
            assertThat(all.findValuesAsString("transport")).containsExactly("sse", "sse", "line");
            JsonNode first = all.get(0);
            assertThat(first.get("sub").asString()).isEqualTo("alice");
            assertThat(first.get("jti").asString()).isEqualTo("t-1");
            assertThat(first.get("address").asString()).isEqualTo("127.0.0.1");
            assertThat(first.get("channel").asString()).isEqualTo("c");
            assertThat(first.get("since").asString()).matches("20\\d\\d-.*Z");
            assertThat(all.get(1).get("channels").asInt()).isEqualTo(2);
            assertThat(all.get(1).has("channel")).isFalse();
            assertThat(all.get(2).get("channels").asInt()).isZero();

            JsonNode page = sessions("?limit=2");
            assertThat(page.get("sessions").size()).isEqualTo(2);
            JsonNode rest = sessions("?limit=2&after=" + page.get("after").asLong());
            assertThat(rest.get("sessions").size()).isEqualTo(1);
            assertThat(rest.has("after")).isFalse();
            assertThat(sessions("?sub=bob").get("sessions").size()).isZero();
            assertThat(sessions("?jti=t-1").get("sessions").size()).isEqualTo(3);
        }
    }

    @Test
    void sessionsAreForAdminsAndWellFormedQuestions() {
        String all = tokens.of("x").read("**").write("**").manage("**").bearer();
        for (String request : List.of("GET /v1/sessions", "DELETE /v1/sessions?sub=alice")) {
            assertThat(ask(request)).isEqualTo(401);
            assertThat(ask(request, all)).isEqualTo(403);
        }
        for (String wrong : List.of(
                "DELETE /v1/sessions",
                "DELETE /v1/sessions?sub=",
                "DELETE /v1/sessions?sub=a&jti=b",
                "DELETE /v1/sessions?sub=a&sub=b",
                "DELETE /v1/sessions?sub=" + "x".repeat(257),
                "GET /v1/sessions?limit=0",
                "GET /v1/sessions?limit=1001",
                "GET /v1/sessions?after=x")) {
            assertThat(ask(wrong, root)).as(wrong).isEqualTo(400);
        }
        assertThat(ask("POST /v1/sessions", root)).isEqualTo(405);
    }
}
