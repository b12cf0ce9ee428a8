package io.switchboard.server;

import static io.switchboard.server.FrameClient.BINARY;
import static io.switchboard.server.FrameClient.FIN;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** {@code /live} as a WebSocket: the vectors of the specification, and what they cannot say. */
final class LineSocketTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String[] V1 = {"Sec-WebSocket-Protocol: other, switchboard.v1"};

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start("limits.subscriptions", "300");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static FrameClient line() {
        return FrameClient.open(server.port(), "/live", V1);
    }

    private static JsonNode next(FrameClient client) {
        return JSON.readTree(client.nextText());
    }

    // --- the vectors

    record Vector(JsonNode json) {
        @Override
        public String toString() {
            return json.get("name").asString();
        }
    }

    static Stream<Vector> vectors() throws Exception {
        Path file = Path.of("..", "spec", "vectors", "line.json");
        List<Vector> vectors = new ArrayList<>();
        JSON.readTree(Files.readString(file)).forEach(vector -> vectors.add(new Vector(vector)));
        return vectors.stream();
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void vector(Vector vector) {
        if (vector.json().has("channels")) create(vector.json().get("channels"));
        try (FrameClient client = line()) {
            for (JsonNode step : vector.json().get("steps")) {
                JsonNode what = step.get(1);
                switch (step.get(0).asString()) {
                    case "send" -> client.text(what.toString());
                    case "create" -> create(what);
                    case "receive" -> {
                        JsonNode got = next(client);
                        assertThat(matches(what, got)).as(got + " for " + what).isTrue();
                    }
                    default -> throw new AssertionError(step);
                }
            }
            client.text("{\"id\":99,\"action\":\"ping\"}");
            assertThat(next(client).toString())
                    .as("nothing but what was expected")
                    .isEqualTo("{\"reply\":99,\"ok\":{}}");
        }
    }

    private static void create(JsonNode channels) {
        channels.properties()
                .forEach(channel ->
                        server.create(channel.getKey(), channel.getValue().asString()));
    }

    private static boolean matches(JsonNode wanted, JsonNode got) {
        if (wanted.isString() && wanted.asString().equals("<offset>")) {
            return got.isString() && got.asString().matches("[a-p]\\d+[a-p]\\d+");
        }
        if (wanted.isString() && wanted.asString().equals("<text>")) {
            return got.isString() && got.asString().length() > 10;
        }
        if (!wanted.isObject()) return wanted.equals(got);
        if (!got.isObject() || got.size() != wanted.size()) return false;
        return wanted.properties().stream()
                .allMatch(member -> got.has(member.getKey()) && matches(member.getValue(), got.get(member.getKey())));
    }

    // --- the envelope's transport

    @Test
    void theSubprotocolIsChosenOnTheLineAndRefusedElsewhere() {
        try (FrameClient client = line()) {
            assertThat(client.header("Sec-WebSocket-Protocol")).isEqualTo("switchboard.v1");
        }
        try (FrameClient client = FrameClient.open(server.port(), "/live", "Sec-WebSocket-Protocol: other")) {
            assertThat(client.header("Sec-WebSocket-Protocol")).isNull();
        }
        server.create("no-line", TestServer.JSON);
        try (FrameClient client = FrameClient.ask(server.port(), 0, "/v1/stream/no-line", V1)) {
            assertThat(client.status()).isEqualTo(400);
        }
    }

    @Test
    void whatIsNoJsonObjectEndsTheLine() {
        for (String wrong : List.of("", "[]", "5", "{", "{\"a\":1,\"a\":2}", "{\"a\":1} {}")) {
            try (FrameClient client = line()) {
                client.text(wrong);
                assertThat(client.nextClose().code()).as(wrong).isEqualTo(1007);
            }
        }
        try (FrameClient client = line()) {
            client.send(FIN | BINARY, "{}".getBytes(StandardCharsets.UTF_8));
            assertThat(client.nextClose().code()).isEqualTo(1003);
        }
    }

    @Test
    void threeHundredChannelsOnOneConnectionAndNotOneMore() {
        try (FrameClient client = line()) {
            for (int i = 0; i < 300; i++) {
                server.create("many/" + i, TestServer.JSON);
                client.text("{\"id\":" + (i + 1) + ",\"action\":\"subscribe\",\"channel\":\"many/" + i + "\"}");
                assertThat(next(client).has("ok")).isTrue();
            }
            client.text("{\"id\":1000,\"action\":\"subscribe\",\"channel\":\"many/300\"}");
            assertThat(next(client).at("/error/code").asString()).isEqualTo("too_many");
            Map<String, Integer> got = new HashMap<>();
            for (int i = 0; i < 300; i++) server.append("many/" + i, TestServer.JSON, Integer.toString(i));
            for (int i = 0; i < 300; i++) {
                JsonNode message = next(client);
                got.put(message.get("channel").asString(), message.get("data").asInt());
            }
            assertThat(got).hasSize(300).containsEntry("many/17", 17);
        }
    }

    @Test
    void publicationsOfOneConnectionKeepTheirOrder() {
        server.create("ordered", TestServer.JSON);
        try (FrameClient writer = line();
                FrameClient reader = FrameClient.open(server.port(), "/v1/stream/ordered?offset=-1")) {
            for (int i = 0; i < 2_000; i++) {
                writer.text("{\"action\":\"publish\",\"channel\":\"ordered\",\"data\":" + i + "}");
            }
            for (int i = 0; i < 2_000; i++) assertThat(reader.nextText()).isEqualTo(Integer.toString(i));
        }
    }

    @Test
    void publicationsSentAtOnceKeepTheirOrderWhateverTheTypeAndThoughTheFirstCreatesTheChannel() {
        try (TestServer creating = TestServer.start("defaults.creation", "on-first-use")) {
            creating.create("text", TestServer.TEXT);
            for (String channel : List.of("text", "made-by-it")) {
                try (FrameClient client = FrameClient.open(creating.port(), "/live", V1)) {
                    ByteArrayOutputStream all = new ByteArrayOutputStream();
                    for (int i = 0; i < 50; i++) {
                        all.writeBytes(FrameClient.frame(
                                FIN | FrameClient.TEXT,
                                ("{\"id\":" + (i + 1) + ",\"action\":\"publish\",\"channel\":\"" + channel
                                                + "\",\"data\":\"" + i
                                                + ";\",\"producer\":{\"id\":\"p\",\"epoch\":0,\"seq\":" + i + "}}")
                                        .getBytes(StandardCharsets.UTF_8)));
                    }
                    all.writeBytes(FrameClient.frame(
                            FIN | FrameClient.TEXT,
                            ("{\"id\":51,\"action\":\"publish\",\"channel\":\"" + channel + "\",\"close\":true}")
                                    .getBytes(StandardCharsets.UTF_8)));
                    client.raw(all.toByteArray());
                    for (int i = 1; i <= 51; i++) {
                        JsonNode reply = next(client);
                        assertThat(reply.get("reply").asInt()).isEqualTo(i);
                        assertThat(reply.has("ok")).as(reply.toString()).isTrue();
                    }
                }
                String read = creating.getText("/v1/stream/" + channel).replaceAll("[^0-9;]", "");
                assertThat(read.split(";"))
                        .hasSize(50)
                        .startsWith("0", "1", "2")
                        .endsWith("48", "49");
            }
        }
    }

    @Test
    void manyLinesThatAreBehindShareOneSlowSocket() {
        int channels = 60;
        int messages = 20;
        String pad = "x".repeat(10_000);
        for (int c = 0; c < channels; c++) {
            server.create("behind/" + c, TestServer.JSON);
            StringBuilder batch = new StringBuilder("[");
            for (int m = 0; m < messages; m++) {
                batch.append(m == 0 ? "" : ",")
                        .append("\"")
                        .append(m)
                        .append(pad)
                        .append("\"");
            }
            server.append("behind/" + c, TestServer.JSON, batch.append("]").toString());
        }
        try (FrameClient client = FrameClient.open(server.port(), 4 * 1024, "/live", V1)) {
            for (int c = 0; c < channels; c++) {
                client.text("{\"action\":\"subscribe\",\"channel\":\"behind/" + c + "\",\"offset\":\"-1\"}");
            }
            Map<String, Integer> next = new HashMap<>();
            for (int i = 0; i < channels * messages; i++) {
                JsonNode message = next(client);
                int number = Integer.parseInt(message.get("data").asString().replace("x", ""));
                String channel = message.get("channel").asString();
                assertThat(number).isEqualTo(next.getOrDefault(channel, 0));
                next.put(channel, number + 1);
            }
            assertThat(next).hasSize(channels);
        }
    }

    @Test
    void aThousandSnapshotsThatNobodyReadsWaitOutside() {
        try (FrameClient client = FrameClient.open(server.port(), 4 * 1024, "/live", V1)) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int i = 1; i <= 1_000; i++) {
                all.writeBytes(FrameClient.frame(
                        FIN | FrameClient.TEXT,
                        ("{\"id\":" + i + ",\"action\":\"presence\",\"channel\":\"empty\"}")
                                .getBytes(StandardCharsets.UTF_8)));
            }
            client.raw(all.toByteArray());
            for (int i = 1; i <= 1_000; i++)
                assertThat(next(client).get("reply").asInt()).isEqualTo(i);
        }
    }

    @Test
    void pagesOfOtherOriginsAreRefusedWhereOriginsAreListed() {
        try (TestServer strict = TestServer.start("cors.origins", "https://app.example")) {
            record Page(String origin, int status) {}
            for (Page page : List.of(
                    new Page("https://app.example", 101),
                    new Page("http://test", 101), // its own: the host that was asked for
                    new Page("https://evil.example", 403),
                    new Page("null", 403))) {
                try (FrameClient client = FrameClient.ask(strict.port(), 0, "/live", "Origin: " + page.origin())) {
                    assertThat(client.status()).as(page.origin()).isEqualTo(page.status());
                }
            }
            try (FrameClient client = FrameClient.ask(strict.port(), 0, "/live")) {
                assertThat(client.status()).isEqualTo(101);
            }
        }
    }

    @Test
    void whoeverIsBehindIsToldOfTheGapAndGoesOn() {
        try (TestServer trimming = TestServer.start("defaults.retention.messages", "5")) {
            trimming.create("short", TestServer.JSON);
            String first = trimming.append("short", TestServer.JSON, "0");
            for (int i = 1; i < 20; i++) trimming.append("short", TestServer.JSON, Integer.toString(i));
            try (FrameClient client = FrameClient.open(trimming.port(), "/live", V1)) {
                client.text("{\"id\":1,\"action\":\"subscribe\",\"channel\":\"short\",\"offset\":\"" + first + "\"}");
                assertThat(next(client).at("/ok/offset").asString()).isEqualTo(first);
                JsonNode gap = next(client);
                assertThat(gap.get("event").asString()).isEqualTo("gap");
                assertThat(gap.get("from").asString()).isEqualTo(first);
                assertThat(next(client).get("data").asInt()).isEqualTo(15);
            }
            try (FrameClient client = FrameClient.open(trimming.port(), "/live")) {
                client.text("{\"action\":\"subscribe\",\"channel\":\"short\",\"offset\":\"" + first + "\"}");
                assertThat(next(client).at("/error/reason").asString()).isEqualTo("gap");
                assertThat(client.nextText()).isEqualTo("15");
            }
            try (FrameClient client = FrameClient.ask(trimming.port(), 0, "/v1/stream/short?offset=" + first)) {
                assertThat(client.status()).isEqualTo(410);
            }
        }
    }

    @Test
    void aChannelThatIsDeletedEndsItsSubscription() {
        server.create("doomed", TestServer.JSON);
        try (FrameClient client = line();
                FrameClient plain = FrameClient.open(server.port(), "/v1/stream/doomed")) {
            client.text("{\"id\":1,\"action\":\"subscribe\",\"channel\":\"doomed\"}");
            assertThat(next(client).has("ok")).isTrue();
            server.append("doomed", TestServer.JSON, "1");
            assertThat(next(client).get("data").asInt()).isEqualTo(1);
            assertThat(plain.nextText()).isEqualTo("1");
            server.delete("doomed");
            assertThat(next(client).toString()).isEqualTo("{\"event\":\"deleted\",\"channel\":\"doomed\"}");
            assertThat(plain.nextClose().code()).isEqualTo(4004);
        }
    }

    // --- bare

    @Test
    void payloadsArriveBareWithoutTheSubprotocol() {
        server.create("BTC-USD", TestServer.JSON);
        try (FrameClient client = FrameClient.open(server.port(), "/live")) {
            client.text("{\"action\":\"subscribe\",\"channel\":\"BTC-USD\"}");
            client.text("{\"id\":1,\"action\":\"ping\"}");
            // the answer of the subscription was not asked for; wait until it has begun
            assertThat(client.nextText()).isEqualTo("{\"reply\":1,\"ok\":{}}");
            client.text("{\"id\":2,\"action\":\"subscribe\",\"channel\":\"BTC-USD\"}");
            assertThat(next(client).at("/error/code").asString()).isEqualTo("conflict");
            client.text("{\"action\":\"publish\",\"channel\":\"BTC-USD\",\"data\":{\"price\":42}}");
            assertThat(client.nextText()).isEqualTo("{\"price\":42}");
            client.text("what?");
            assertThat(next(client).at("/error/code").asString()).isEqualTo("invalid");
        }
    }

    // --- a channel's own URL

    @Test
    void aPlainSocketReadsAndAppends() {
        server.create("plain", TestServer.TEXT);
        String first = server.append("plain", TestServer.TEXT, "one");
        server.append("plain", TestServer.TEXT, "two");
        try (FrameClient client = FrameClient.open(server.port(), "/v1/stream/plain?offset=" + first)) {
            assertThat(client.nextText()).isEqualTo("two");
            client.text("three").text("four");
            assertThat(client.nextText()).isEqualTo("three");
            assertThat(client.nextText()).isEqualTo("four");
            assertThat(server.getText("/v1/stream/plain")).isEqualTo("onetwothreefour");
            server.closeChannel("plain");
            assertThat(client.nextClose().code()).isEqualTo(4009);
        }
        try (FrameClient client = FrameClient.open(server.port(), "/v1/stream/plain")) {
            assertThat(client.nextClose().code()).isEqualTo(4009);
        }
    }

    @Test
    void aPlainSocketRefusesWhatTheChannelDoesNotTake() {
        server.create("json", TestServer.JSON);
        server.create("bytes", TestServer.BYTES);
        record Wrong(String channel, int first, String message, int code) {}
        for (Wrong wrong : List.of(
                new Wrong("json", FIN | BINARY, "{}", 1003),
                new Wrong("json", FIN | FrameClient.TEXT, "{", 1007),
                new Wrong("json", FIN | FrameClient.TEXT, "", 1007),
                new Wrong("bytes", FIN | FrameClient.TEXT, "x", 1003),
                new Wrong("bytes", FIN | BINARY, "", 1007))) {
            try (FrameClient client = FrameClient.open(server.port(), "/v1/stream/" + wrong.channel())) {
                client.send(wrong.first(), wrong.message().getBytes(StandardCharsets.UTF_8));
                assertThat(client.nextClose().code()).as(wrong.toString()).isEqualTo(wrong.code());
            }
        }
        // one frame is one message, an array too
        try (FrameClient client = FrameClient.open(server.port(), "/v1/stream/json")) {
            client.text("[1, 2]");
            assertThat(client.nextText()).isEqualTo("[1, 2]");
        }
        for (String target : List.of("/v1/stream/nowhere", "/v1/stream/json?offset=x", "/elsewhere")) {
            try (FrameClient client = FrameClient.ask(server.port(), 0, target)) {
                assertThat(client.status()).as(target).isIn(400, 404);
            }
        }
    }

    // --- a rate

    @Test
    void aRateGivesTheNewestAndEndsOnTheNewest() {
        server.create("ticker", TestServer.JSON);
        try (FrameClient client = line()) {
            client.text("{\"id\":1,\"action\":\"subscribe\",\"channel\":\"ticker\",\"rate\":10}");
            assertThat(next(client).has("ok")).isTrue();
            int last = 500;
            for (int i = 1; i <= last; i++) server.append("ticker", TestServer.JSON, Integer.toString(i));
            int seen = 0;
            int sum = 0;
            while (seen < last) {
                JsonNode message = next(client);
                int skipped = message.has("skipped") ? message.get("skipped").asInt() : 0;
                int value = message.get("data").asInt();
                assertThat(value).isEqualTo(seen + skipped + 1);
                seen = value;
                sum++;
            }
            assertThat(sum).isLessThan(last);
            // and while catching up
            client.text("{\"id\":2,\"action\":\"unsubscribe\",\"channel\":\"ticker\"}");
            assertThat(next(client).has("ok")).isTrue();
            client.text("{\"id\":3,\"action\":\"subscribe\",\"channel\":\"ticker\",\"offset\":\"-1\",\"rate\":0.1}");
            assertThat(next(client).has("ok")).isTrue();
            JsonNode newest = next(client);
            assertThat(newest.get("data").asInt()).isEqualTo(last);
            assertThat(newest.get("skipped").asInt()).isEqualTo(last - 1);
        }
    }

    // --- presence

    @Test
    void whoIsOnAChannelIsToldByNameAndAMemberOfThreeTabsIsOne() {
        try (TestServer quick = TestServer.start("live.presenceGrace", "100ms")) {
            quick.create("room", TestServer.JSON);
            try (FrameClient watcher = attend(quick, null)) {
                JsonNode alone = next(watcher);
                assertThat(alone.get("event").asString()).isEqualTo("presence");
                assertThat(alone.get("count").asInt()).isEqualTo(1);
                FrameClient first = attend(quick, "ann's secret");
                FrameClient second = attend(quick, "ann's secret");
                FrameClient third = attend(quick, "ann's secret");
                JsonNode join = next(watcher);
                assertThat(join.get("event").asString()).isEqualTo("join");
                String ann = join.at("/member/id").asString();
                assertThat(ann).doesNotContain("secret");
                for (FrameClient tab : List.of(first, second, third)) {
                    JsonNode picture = next(tab);
                    assertThat(picture.get("count").asInt()).isEqualTo(2);
                    assertThat(picture.get("members").toString()).contains(ann);
                }
                first.close();
                second.close();
                watcher.text("{\"id\":7,\"action\":\"presence\",\"channel\":\"room\"}");
                JsonNode snapshot = next(watcher);
                assertThat(snapshot.get("reply").asInt()).isEqualTo(7);
                assertThat(snapshot.at("/ok/count").asInt()).isEqualTo(2);
                third.text("{\"id\":8,\"action\":\"unsubscribe\",\"channel\":\"room\"}");
                assertThat(next(third).has("ok")).isTrue();
                JsonNode leave = next(watcher);
                assertThat(leave.get("event").asString()).isEqualTo("leave");
                assertThat(leave.at("/member/id").asString()).isEqualTo(ann);
                third.close();
                watcher.text("{\"id\":9,\"action\":\"presence\",\"channel\":\"room\"}");
                assertThat(next(watcher).at("/ok/count").asInt()).isEqualTo(1);
            }
        }
    }

    private static FrameClient attend(TestServer server, @Nullable String token) {
        FrameClient client = FrameClient.open(server.port(), "/live", V1);
        if (token != null) {
            client.text("{\"id\":1,\"action\":\"auth\",\"token\":\"" + token + "\"}");
            assertThat(next(client).has("ok")).isTrue();
        }
        client.text("{\"id\":2,\"action\":\"subscribe\",\"channel\":\"room\",\"presence\":true}");
        assertThat(next(client).at("/ok/channel").asString()).isEqualTo("room");
        return client;
    }
}
