package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.core.nodes.Membership;
import io.switchboard.server.RawClient.Answer;
import io.switchboard.testkit.redis.RedisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Servers that share a Redis and ask for tokens: whoever is let in, or put out, at one of them is so at all. */
@Tag("slow")
class TogetherTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String EVENTS = "Accept: text/event-stream";
    private static final String V1 = "Sec-WebSocket-Protocol: switchboard.v1";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Membership.Lease LEASE = new Membership.Lease(200, 1_000);

    @TempDir
    static Path folder;

    private static RedisServer redis;
    private static Tokens tokens;

    private final List<AutoCloseable> open = new ArrayList<>();
    private Cable cable;
    private TestServer a;
    private TestServer b; // behind the cable
    private String root;

    @BeforeAll
    static void startRedis() {
        redis = RedisServer.start(folder);
        tokens = new Tokens(folder);
    }

    @AfterAll
    static void stopRedis() {
        if (redis != null) redis.close();
    }

    @BeforeEach
    void start() {
        redis.ask("FLUSHALL");
        cable = new Cable(redis.port());
        root = Tokens.bearer(tokens.all());
        a = node(redis.uri());
        b = node("redis://127.0.0.1:" + cable.port());
        await().atMost(PATIENCE).until(() -> nodes(a) == 2 && nodes(b) == 2);
        assertThat(ask(a, "PUT /v1/stream/c", root, "Content-Type: application/json")
                        .status())
                .isEqualTo(201);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open) each.close();
        cable.close();
    }

    private TestServer node(String uri, String... settings) {
        String[] shared = {
            "auth.keys",
            tokens.file(),
            "auth.clockSkew",
            "1s",
            "store",
            "redis",
            "redis.urls",
            uri,
            "redis.timeout",
            "1s"
        };
        TestServer node = TestServer.start(
                LEASE, Stream.of(shared, settings).flatMap(Stream::of).toArray(String[]::new));
        open.add(node);
        return node;
    }

    private static Answer ask(TestServer of, String request, String... fields) {
        try (RawClient raw = of.raw()) {
            return raw.ask(request, fields).answer();
        }
    }

    private int nodes(TestServer of) {
        return ask(of, "GET /metrics", root)
                .body()
                .lines()
                .filter(line -> line.startsWith("switchboard_nodes "))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(line.indexOf(' '))))
                .findFirst()
                .orElseThrow();
    }

    private static String ticket(TestServer of, String bearer) {
        return JSON.readTree(ask(of, "POST /v1/tickets", bearer).body())
                .get("ticket")
                .asString();
    }

    private JsonNode sessions(TestServer of, String query) {
        Answer answer = ask(of, "GET /v1/sessions" + query, root);
        assertThat(answer.status()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    // What a client is told, of one that is let in only its head.
    private static int status(TestServer of, String target, String... fields) {
        try (FrameClient client = FrameClient.ask(of.port(), 0, target, fields)) {
            return client.status();
        }
    }

    @Test
    void aTicketOfOneNodeIsGoodAtTheOtherOnceHoweverManyTry() throws InterruptedException {
        for (int round = 0; round < 10; round++) {
            TestServer from = round % 2 == 0 ? a : b;
            String target = "/v1/stream/c?ticket=" + ticket(from, root);
            int[] statuses = new int[6];
            List<Thread> tries = new ArrayList<>();
            for (int i = 0; i < statuses.length; i++) {
                int index = i;
                tries.add(Thread.ofVirtual().start(() -> statuses[index] = status(index % 2 == 0 ? a : b, target)));
            }
            for (Thread each : tries) each.join();
            assertThat(statuses).containsOnlyOnce(101).containsOnly(101, 401);
        }
        assertThat(redis.ask("KEYS sw:shelf*")).as("what is left of them").isEmpty();
    }

    @Test
    void theCookieOfOneNodeCountsAtTheOthersAlsoAfterRedisLostItsSecret() {
        String cookie = cookie(a);
        try (EventClient events = b.events("/v1/stream/c", cookie)) {
            assertThat(events.head().status()).isEqualTo(200);
        }
        redis.ask("FLUSHALL");
        await().atMost(PATIENCE)
                .until(() -> redis.ask("EXISTS sw:agreed:secret").equals("1"));
        TestServer c = node(redis.uri());
        assertThat(ask(a, "PUT /v1/stream/c", root, "Content-Type: application/json")
                        .status())
                .isEqualTo(201);
        try (EventClient events = c.events("/v1/stream/c", cookie)) {
            assertThat(events.head().status()).isEqualTo(200);
        }
        TestServer apart = node(redis.uri(), "redis.secretFile", secret("0123456789abcdef0123456789abcdef"));
        assertThat(ask(apart, "GET /v1/stream/c", cookie, EVENTS).status()).isEqualTo(401);
        TestServer alike = node(redis.uri(), "redis.secretFile", secret(" 0123456789abcdef0123456789abcdef\n"));
        try (EventClient events = alike.events("/v1/stream/c", cookie(apart))) {
            assertThat(events.head().status()).isEqualTo(200);
        }
    }

    private String cookie(TestServer of) {
        try (EventClient events = of.events("/v1/stream/c?ticket=" + ticket(of, root))) {
            String set = events.head().header("Set-Cookie");
            if (set == null) throw new AssertionError("no cookie");
            return "Cookie: " + set.substring(0, set.indexOf(';'));
        }
    }

    private static String secret(String text) {
        try {
            return java.nio.file.Files.writeString(folder.resolve("secret-" + text.length()), text)
                    .toString();
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whoIsRevokedAtOneNodeIsPutOutOfAllWithinASecondAndStaysOut() {
        String bearer = tokens.of("mallory").read("c").bearer();
        String unused = ticket(b, bearer);
        try (FrameClient line = FrameClient.open(b.port(), "/live", V1, bearer);
                EventClient events = b.events("/v1/stream/c", bearer);
                FrameClient here = FrameClient.open(a.port(), "/v1/stream/c", bearer)) {
            await().atMost(PATIENCE)
                    .until(() -> sessions(a, "?sub=mallory").get("sessions").size() == 3);
            long before = System.nanoTime();
            assertThat(ask(a, "DELETE /v1/sessions?sub=mallory", root).status()).isEqualTo(204);
            assertThat(line.nextClose().code()).isEqualTo(4012);
            assertThat(here.nextClose().code()).isEqualTo(4012);
            events.rest();
            assertThat(System.nanoTime() - before).isLessThan(TimeUnit.SECONDS.toNanos(1));
        }
        assertThat(ask(b, "GET /v1/stream/c", bearer).status()).isEqualTo(401);
        assertThat(ask(b, "GET /v1/stream/c?ticket=" + unused, EVENTS).status()).isEqualTo(401);
        TestServer late = node(redis.uri());
        assertThat(ask(late, "GET /v1/stream/c", bearer).status()).isEqualTo(401);
    }

    @Test
    void sessionsOfAllNodesAreListedPageByPage() {
        String bearer = tokens.of("alice").read("c").with("jti", "t-1").bearer();
        try (EventClient one = a.events("/v1/stream/c", bearer);
                EventClient two = a.events("/v1/stream/c", bearer);
                FrameClient three = FrameClient.open(b.port(), "/live", V1, bearer);
                EventClient four = b.events("/v1/stream/c", root)) {
            for (EventClient each : List.of(one, two, four)) each.id();
            assertThat(three.status()).isEqualTo(101);
            for (TestServer of : List.of(a, b)) {
                JsonNode all = sessions(of, "?jti=t-1");
                assertThat(all.get("sessions").findValuesAsString("transport"))
                        .containsExactlyInAnyOrder("sse", "sse", "line");
                assertThat(new TreeSet<>(all.get("sessions").findValuesAsString("node")))
                        .hasSize(2);
                assertThat(all.has("after")).isFalse();
                assertThat(all.has("silent")).isFalse();
                assertThat(sessions(of, "").get("sessions")).hasSize(4);
            }
            List<String> found = new ArrayList<>();
            String after = "";
            for (int page = 0; page < 4; page++) {
                JsonNode shown = sessions(page % 2 == 0 ? a : b, "?limit=1" + after);
                JsonNode session = shown.get("sessions").get(0);
                found.add(session.get("node").asString() + session.get("id").asLong());
                assertThat(shown.get("sessions")).hasSize(1);
                assertThat(shown.has("after")).isEqualTo(page < 3);
                if (page < 3) after = "&after=" + shown.get("after").asString();
            }
            assertThat(new TreeSet<>(found))
                    .hasSize(4)
                    .containsExactlyElementsOf(found.stream().sorted().toList());
        }
        for (String wrong : List.of("after=17", "after=:1", "after=x:y", "limit=0", "sub=" + "x".repeat(257))) {
            assertThat(ask(a, "GET /v1/sessions?" + wrong, root).status())
                    .as(wrong)
                    .isEqualTo(400);
        }
    }

    @Test
    void aNodeThatDiesIsNamedAsSilentAndForgottenAfterItsLease() {
        String bearer = tokens.of("alice").read("c").bearer();
        try (EventClient stays = b.events("/v1/stream/c", bearer);
                EventClient other = a.events("/v1/stream/c", bearer)) {
            stays.id();
            other.id();
            assertThat(sessions(a, "").get("sessions")).hasSize(2);
            String gone = sessions(a, "").get("sessions").findValuesAsString("node").stream()
                    .filter(node -> !ask(a, "GET /metrics", root).body().contains(node))
                    .findFirst()
                    .orElseThrow();
            cable.cut();
            JsonNode without = sessions(a, "");
            if (without.has("silent")) { // its lease may be over already, where this machine is slow
                assertThat(without.get("silent").get(0).asString()).isEqualTo(gone);
            }
            assertThat(without.get("sessions")).hasSize(1);
            await().atMost(PATIENCE).until(() -> nodes(a) == 1);
            assertThat(sessions(a, "").has("silent")).isFalse();
            // what was open there is; it knows that nobody counts on it
            await().atMost(PATIENCE)
                    .until(() ->
                            ask(b, "GET /metrics", root).body().contains("switchboard_node{id=\"" + gone + "\"} 0.0"));
            assertThat(ask(b, "GET /health/live").status()).isEqualTo(200);
        }
    }

    @Test
    void withoutRedisTicketsAreNotKnownAndWhoIsConnectedStays() {
        String bearer = tokens.of("alice").read("c").bearer();
        String ticket = ticket(b, bearer);
        String cookie = cookie(b);
        try (FrameClient line = FrameClient.open(b.port(), "/live", V1, bearer)) {
            cable.cut();
            await().atMost(PATIENCE).until(() -> ask(b, "GET /health/ready").status() == 503);
            Answer refused = ask(b, "GET /v1/stream/c?ticket=" + ticket, EVENTS);
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.header("Retry-After")).isNotBlank();
            assertThat(refused.body()).doesNotContain(ticket);
            Answer none = ask(b, "POST /v1/tickets", bearer);
            assertThat(none.status()).isEqualTo(503);
            assertThat(none.header("Retry-After")).isNotBlank();
            Answer kept = ask(b, "DELETE /v1/sessions?sub=alice", root);
            assertThat(kept.status()).isEqualTo(503);
            assertThat(kept.body()).contains("not known").doesNotContain("nothing was changed");
            assertThat(ask(b, "GET /v1/stream/c?ticket=" + ticket, EVENTS, cookie)
                            .status())
                    .as("who has a cookie is known; the channel is not")
                    .isEqualTo(503);
            line.text("{\"id\":1,\"action\":\"ping\"}");
            assertThat(line.nextText()).contains("\"ok\"");
        }
        assertThat(status(a, "/v1/stream/c?ticket=" + ticket)).isEqualTo(101);
    }

    @Test
    void theRateOfASubjectIsThatOfAllNodes() {
        int perSecond = 20;
        TestServer c = node(redis.uri(), "limits.appendsPerSecondPerSubject", Integer.toString(perSecond));
        TestServer d = node(redis.uri(), "limits.appendsPerSecondPerSubject", Integer.toString(perSecond));
        String bearer = tokens.of("busy").write("c").bearer();
        int granted = 0;
        long begun = System.nanoTime();
        double seconds = 0;
        try (RawClient one = c.raw();
                RawClient other = d.raw()) {
            while (seconds < 3) {
                for (RawClient raw : List.of(one, other)) {
                    int status =
                            raw.post("c", TestServer.JSON, "1", bearer).answer().status();
                    assertThat(status).isIn(204, 429);
                    if (status == 204) granted++;
                }
                seconds = (System.nanoTime() - begun) / 1e9;
            }
        }
        // two full buckets at first, and half a second that was not told yet
        assertThat((double) granted).isBetween(perSecond * (seconds - 1), perSecond * (seconds + 2 + 2 * 0.5 + 0.5));
    }

    @Test
    void whenAllGoDownNobodyIsSentToTheOthers() throws InterruptedException {
        try (EventClient here = a.events("/v1/stream/c", root);
                EventClient there = b.events("/v1/stream/c", root)) {
            here.id();
            there.id();
            Thread first = Thread.ofVirtual().start(() -> a.server().stop(Duration.ofSeconds(4)));
            Thread second = Thread.ofVirtual().start(() -> b.server().stop(Duration.ofSeconds(4)));
            here.rest();
            there.rest();
            assertThat(here.parser().retryMillis()).isBetween(1_200L, 6_000L);
            assertThat(there.parser().retryMillis()).isBetween(1_200L, 6_000L);
            first.join();
            second.join();
        }
    }

    @Test
    void whoIsSentAwayComesBackToOthersAtOnceAndElsewhereLater() {
        try (EventClient here = a.events("/v1/stream/c", root);
                EventClient last = b.events("/v1/stream/c", root)) {
            here.id();
            last.id();
            a.server().stop(Duration.ofSeconds(1));
            here.rest();
            assertThat(here.parser().retryMillis()).isBetween(0L, 1_000L);
            await().atMost(PATIENCE).until(() -> nodes(b) == 1);
            b.server().stop(Duration.ofSeconds(1));
            last.rest();
            assertThat(last.parser().retryMillis()).isBetween(400L, 1_500L);
        }
    }
}
