package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Who speaks on a line: its first message, another token on the way, and the end of one; and the end elsewhere. */
@Tag("slow")
final class LineAuthTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String V1 = "Sec-WebSocket-Protocol: switchboard.v1";
    private static final String EVENTS = "Accept: text/event-stream";
    private static final long SHORT_MILLIS = 1_200;

    @TempDir
    private static Path folder;

    private static Tokens tokens;
    private static TestServer server;
    private static String root;

    @BeforeAll
    static void start() {
        tokens = new Tokens(folder);
        server = tokens.server(
                "auth.firstMessage", "1s", "defaults.creation", "on-first-use", "live.presenceGrace", "0s");
        root = Tokens.bearer(tokens.all());
        for (String channel : List.of("a", "b", "p", "long", "sse")) append(channel, "0");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static void append(String channel, String message) {
        try (RawClient raw = server.raw()) {
            assertThat(raw.post(channel, TestServer.JSON, message, root)
                            .answer()
                            .status())
                    .isEqualTo(204);
        }
    }

    private static FrameClient line(String... fields) {
        List<String> all = new ArrayList<>(List.of(fields));
        all.add(V1);
        return FrameClient.open(server.port(), "/live", all.toArray(String[]::new));
    }

    private static JsonNode next(FrameClient client) {
        return JSON.readTree(client.nextText());
    }

    private static String auth(String token) {
        return "{\"id\":1,\"action\":\"auth\",\"token\":\"" + token + "\"}";
    }

    private static String subscribe(String channel) {
        return "{\"id\":2,\"action\":\"subscribe\",\"channel\":\"" + channel + "\"}";
    }

    private static void expect(FrameClient client, String json) {
        assertThat(next(client)).isEqualTo(JSON.readTree(json));
    }

    private static String code(JsonNode reply) {
        return reply.get("error").get("code").asString();
    }

    // --- the first message

    @Test
    void theFirstMessageSaysWhoSpeaksAndWhatFollowsIsJudgedByIt() {
        String token = tokens.of("alice").read("a").sign();
        try (FrameClient client = line()) {
            client.text(auth(token)).text(subscribe("b")).text(subscribe("a"));
            expect(client, "{\"reply\":1,\"ok\":{}}");
            JsonNode refused = next(client);
            assertThat(code(refused)).isEqualTo("forbidden");
            assertThat(refused.get("error").get("channel").asString()).isEqualTo("b");
            assertThat(next(client).get("ok").get("channel").asString()).isEqualTo("a");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"id\":1,\"action\":\"ping\"}",
                "{\"id\":1,\"action\":\"subscribe\",\"channel\":\"a\"}",
                "{\"id\":1,\"action\":\"publish\",\"channel\":\"a\",\"data\":1}",
                "{\"id\":1,\"action\":\"auth\"}",
                "{\"id\":1,\"action\":\"auth\",\"token\":\"\"}",
                "no json",
                "[]"
            })
    void anyOtherFirstMessageEndsTheLine(String first) {
        try (FrameClient client = line()) {
            client.text(first);
            assertThat(client.nextClose().code()).isEqualTo(4001);
        }
    }

    @Test
    void aFirstMessageThatIsTooLargeOrNoTextEndsTheLine() {
        try (FrameClient client = line()) {
            client.text("{\"action\":\"auth\",\"token\":\"x\",\"more\":\"" + "x".repeat(20_000) + "\"}");
            assertThat(client.nextClose().code()).isEqualTo(4001);
        }
        try (FrameClient client = line()) {
            client.send(FrameClient.FIN | FrameClient.BINARY, auth(tokens.all()).getBytes(StandardCharsets.UTF_8));
            assertThat(client.nextClose().code()).isEqualTo(4001);
        }
    }

    private static byte[] deflated(byte[] bytes) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(bytes);
        byte[] out = new byte[bytes.length + 64];
        int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return Arrays.copyOf(out, length - 4); // RFC 7692, section 7.2.1
    }

    @Test
    void aFirstMessageIsNotWaitedForBeyondItsSize() {
        byte[] whole = FrameClient.frame(FrameClient.FIN | FrameClient.TEXT, new byte[5_000_000]);
        try (FrameClient client = line()) { // the head of a frame of 5 MB, and a little of it
            client.raw(Arrays.copyOf(whole, 17_408 + 500));
            assertThat(client.nextClose().code()).isEqualTo(4001);
        }
        try (FrameClient client = line()) { // many small ones
            client.send(FrameClient.TEXT, "x".repeat(10_000).getBytes(StandardCharsets.UTF_8));
            client.send(0, "x".repeat(7_409).getBytes(StandardCharsets.UTF_8));
            assertThat(client.nextClose().code()).isEqualTo(4001);
        }
        byte[] bomb = deflated(new byte[4_000_000]);
        assertThat(bomb.length).isLessThan(17_408);
        try (FrameClient client = line("Sec-WebSocket-Extensions: permessage-deflate")) {
            client.send(FrameClient.FIN | 0x40 | FrameClient.TEXT, bomb);
            assertThat(client.nextClose().code()).isEqualTo(4001);
        }
    }

    @Test
    void onceItIsKnownWhoSpeaksMessagesMayBeLarge() {
        String publish = "{\"id\":2,\"action\":\"publish\",\"channel\":\"large\",\"data\":\"%s\"}"
                .formatted("x".repeat(1_000_000));
        byte[] first = FrameClient.frame(
                FrameClient.FIN | FrameClient.TEXT, auth(tokens.all()).getBytes(StandardCharsets.UTF_8));
        byte[] second = FrameClient.frame(FrameClient.FIN | FrameClient.TEXT, publish.getBytes(StandardCharsets.UTF_8));
        byte[] both = Arrays.copyOf(first, first.length + second.length); // sent ahead, in one go
        System.arraycopy(second, 0, both, first.length, second.length);
        try (FrameClient client = line()) {
            client.raw(both);
            expect(client, "{\"reply\":1,\"ok\":{}}");
            assertThat(next(client).has("ok")).isTrue();
        }
    }

    @Test
    void aFirstTokenThatIsNotAcceptedEndsTheLine() {
        try (FrameClient client = line()) {
            client.text(auth("a.b.c"));
            assertThat(code(next(client))).isEqualTo("unauthorized");
            assertThat(client.nextClose().code()).isEqualTo(4001);
        }
    }

    @Test
    void whoSaysNothingIsNotWaitedForLong() {
        try (FrameClient client = line()) {
            assertThat(client.nextClose().code()).isEqualTo(4001);
        }
    }

    @Test
    void whoCannotSayItLaterHasToSayItAtOnce() {
        for (String target : List.of("/live", "/v1/stream/a", "/v1/stream/a?echo")) {
            try (FrameClient client = FrameClient.ask(server.port(), 0, target)) {
                assertThat(client.status()).as(target).isEqualTo(401);
                assertThat(client.header("WWW-Authenticate")).startsWith("Bearer");
            }
        }
    }

    // --- another token

    @Test
    void aNewTokenGoesOnWithoutLosingAMessage() {
        try (FrameClient client =
                line(tokens.of("alice").read("a").lives(SHORT_MILLIS).bearer())) {
            client.text(subscribe("a"));
            assertThat(next(client).has("ok")).isTrue(); // it begins before the first of them
            List<JsonNode> heard = new ArrayList<>();
            boolean refreshed = false;
            for (int i = 1; i <= 200; i++) {
                append("a", Integer.toString(i));
                if (i == 100) client.text(auth(tokens.of("alice").read("a").sign()));
            }
            while (heard.size() < 200) {
                JsonNode got = next(client);
                if (got.has("data")) heard.add(got.get("data"));
                refreshed |= got.has("reply") && got.get("reply").asInt() == 1 && got.has("ok");
            }
            assertThat(refreshed).isTrue();
            for (int i = 0; i < 200; i++) assertThat(heard.get(i).asInt()).isEqualTo(i + 1);
        }
    }

    @Test
    void whatMayNoLongerBeReadEndsAtOnceAndTheRestGoesOn() {
        try (FrameClient client = line(tokens.of("alice").read("a", "b").bearer())) {
            client.text(subscribe("a"));
            next(client);
            client.text(subscribe("b"));
            next(client);
            client.text(auth(tokens.of("alice").read("b").sign()));
            expect(client, "{\"reply\":1,\"ok\":{}}");
            JsonNode ended = next(client);
            assertThat(code(ended)).isEqualTo("forbidden");
            assertThat(ended.get("error").get("channel").asString()).isEqualTo("a");
            append("a", "\"not for her\"");
            append("b", "\"for her\"");
            assertThat(next(client).get("data").asString()).isEqualTo("for her");
            client.text(auth(tokens.of("alice").read("a", "b").sign())); // wider again
            expect(client, "{\"reply\":1,\"ok\":{}}");
            client.text(subscribe("a"));
            assertThat(next(client).get("ok").get("channel").asString()).isEqualTo("a");
        }
    }

    @Test
    void aTokenOfSomebodyElseEndsTheLine() {
        try (FrameClient client = line(tokens.of("alice").read("a").bearer())) {
            client.text(auth(tokens.of("bob").read("a").sign()));
            assertThat(code(next(client))).isEqualTo("forbidden");
            assertThat(client.nextClose().code()).isEqualTo(4003);
        }
    }

    @Test
    void aNewTokenThatIsNotAcceptedChangesNothing() {
        try (FrameClient client = line(tokens.of("alice").read("a").bearer())) {
            client.text(auth("a.b.c"));
            assertThat(code(next(client))).isEqualTo("unauthorized");
            client.text(subscribe("a"));
            assertThat(next(client).has("ok")).isTrue();
        }
    }

    @Test
    void theThirdTokenThatIsNotAcceptedEndsTheLine() {
        String good = tokens.of("alice").read("a").sign();
        try (FrameClient client = line(Tokens.bearer(good))) {
            for (String next : List.of(good + "x", good, "a.b.c", good)) { // good ones between do not make up for it
                client.text(auth(next));
                assertThat(next(client).has("ok")).isEqualTo(next.equals(good));
            }
            for (int i = 0; i < 200; i++) client.text(auth(good + "x".repeat(i + 1)));
            assertThat(code(next(client))).isEqualTo("unauthorized");
            assertThat(client.nextClose().code()).isEqualTo(4001);
        }
    }

    @Test
    void aMemberIsItsSubject() {
        String seen = "{\"id\":2,\"action\":\"subscribe\",\"channel\":\"p\",\"presence\":true}";
        try (FrameClient alice = line(tokens.of("alice").read("p").bearer());
                FrameClient again = line(tokens.of("alice").read("p").bearer());
                FrameClient bob = line(tokens.of("bob").read("p").bearer())) {
            for (FrameClient client : List.of(alice, again)) {
                client.text(seen);
                next(client);
                JsonNode picture = next(client);
                assertThat(picture.get("count").asInt()).isEqualTo(1);
                assertThat(picture.get("members").get(0).get("id").asString()).isEqualTo("alice");
            }
            bob.text(seen);
            JsonNode joined = next(alice);
            assertThat(joined.get("event").asString()).isEqualTo("join");
            assertThat(joined.get("member").get("id").asString()).isEqualTo("bob");
            bob.text(auth(tokens.of("bob").sign())); // no right to read: presence ends with the subscription
            assertThat(next(alice).get("event").asString()).isEqualTo("leave");
        }
    }

    // --- the end of a token

    @Test
    void aTokenThatIsAboutToExpireIsSaidToOnceAndThenTheLineCloses() {
        try (FrameClient client =
                line(tokens.of("alice").read("a").lives(SHORT_MILLIS).bearer())) {
            JsonNode expiring = next(client);
            assertThat(expiring.get("event").asString()).isEqualTo("expiring");
            assertThat(expiring.get("seconds").asInt()).isBetween(0, 2);
            assertThat(client.nextClose().code()).isEqualTo(4010);
        }
    }

    @Test
    void everyNewTokenIsSaidToExpireAnew() {
        try (FrameClient client =
                line(tokens.of("alice").read("a").lives(SHORT_MILLIS).bearer())) {
            assertThat(next(client).get("event").asString()).isEqualTo("expiring");
            client.text(
                    auth(tokens.of("alice").read("a").lives(SHORT_MILLIS + 500).sign()));
            expect(client, "{\"reply\":1,\"ok\":{}}");
            assertThat(next(client).get("event").asString()).isEqualTo("expiring");
            assertThat(client.nextClose().code()).isEqualTo(4010);
        }
    }

    @Test
    void aBareLineIsToldAsErrors() {
        String bearer = tokens.of("alice").read("a").lives(SHORT_MILLIS).bearer();
        try (FrameClient client = FrameClient.open(server.port(), "/live", bearer)) {
            JsonNode error = next(client).get("error");
            assertThat(error.get("reason").asString()).isEqualTo("expiring");
            assertThat(client.nextClose().code()).isEqualTo(4010);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/stream/a", "/v1/stream/a?echo"})
    void plainSocketsCloseWhenTheTokenExpires(String target) {
        String bearer = tokens.of("alice").read("a").lives(SHORT_MILLIS).bearer();
        try (FrameClient client = FrameClient.open(server.port(), target, bearer)) {
            assertThat(client.nextClose().code()).isEqualTo(4010);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/stream/sse", "/v1/stream/sse?offset=now&live=sse", "/live?channel=sse&channel=sse2"})
    void eventStreamsEndWhenTheTokenExpiresAndTheNextRequestIsRefused(String target) {
        String bearer =
                tokens.of("alice").read("sse", "sse2").lives(SHORT_MILLIS).bearer();
        try (EventClient events = server.events(target, bearer)) {
            assertThat(events.rest()).noneMatch(event -> event.data().contains("error"));
        }
        try (RawClient raw = server.raw()) {
            assertThat(raw.ask("GET " + target, bearer, EVENTS).answer().status())
                    .isEqualTo(401);
        }
    }

    @Test
    void aLongPollIsAnsweredWhenTheTokenExpiresAndTheNextRequestIsRefused() {
        String bearer = tokens.of("alice").read("long").lives(SHORT_MILLIS).bearer();
        try (RawClient raw = server.raw()) {
            raw.ask("GET /v1/stream/long?offset=now&live=long-poll", bearer);
            assertThat(raw.answer().status()).isEqualTo(204);
            raw.ask("GET /v1/stream/long?offset=now&live=long-poll", bearer);
            assertThat(raw.answer().status()).isEqualTo(401);
        }
    }
}
