package io.switchboard.server;

import static io.switchboard.server.TestServer.BYTES;
import static io.switchboard.server.TestServer.JSON;
import static io.switchboard.server.TestServer.TEXT;
import static io.switchboard.server.TestServer.expect;
import static io.switchboard.server.TestServer.header;
import static io.switchboard.server.TestServer.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.RawClient.Answer;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** {@code as=envelopes}: every message with its offset, whatever the channel's type (spec/protocol.md, section 2.7). */
class EnvelopesTest {
    private static final int READ_BYTES = 16 << 10;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(
                "limits.readBytes", "16KB", "defaults.retention.messages", "5000", "live.longPollTimeout", "100ms");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static HttpResponse<byte[]> read(String channel, String query) {
        HttpResponse<byte[]> answer = expect(server.get("/v1/stream/" + channel + "?" + query + "as=envelopes"), 200);
        assertThat(header(answer, "Content-Type")).isEqualTo(JSON);
        return answer;
    }

    private static List<JsonNode> envelopes(byte[] body) {
        List<JsonNode> all = new ArrayList<>();
        MAPPER.readTree(body).forEach(all::add);
        return all;
    }

    private static String envelope(String channel, String offset, String data) {
        return "{\"channel\":\"" + channel + "\",\"offset\":\"" + offset + "\"," + data + "}";
    }

    @Test
    void messagesOfEveryTypeComeEachWithItsOffset() {
        server.create("e/json", JSON);
        server.create("e/text", "text/plain; charset=utf-8");
        server.create("e/bytes", "image/png");
        String j = server.append("e/json", JSON, "{\"a\": 1.0}");
        String k = server.append("e/json", JSON, "[[2],\"three\"]");
        assertThat(text(read("e/json", "offset=-1&")))
                .startsWith("[" + envelope("e/json", j, "\"data\":{\"a\": 1.0}"))
                .endsWith("," + envelope("e/json", k, "\"data\":\"three\"") + "]");
        assertThat(envelopes(read("e/json", "offset=-1&").body())).hasSize(3);
        String s = server.append("e/text", TEXT, "one\n\"two\" \u20ac\0");
        String t = server.append("e/text", TEXT, "three");
        assertThat(text(read("e/text", "offset=-1&")))
                .isEqualTo("[" + envelope("e/text", s, "\"data\":\"one\\n\\\"two\\\" \u20ac\\u0000\"") + ","
                        + envelope("e/text", t, "\"data\":\"three\"") + "]");
        String b = server.append("e/bytes", "image/png", new byte[] {1, 2, 3, 4});
        String c = server.append("e/bytes", "image/png", new byte[] {-1});
        assertThat(text(read("e/bytes", "")))
                .isEqualTo("[" + envelope("e/bytes", b, "\"base64\":\"AQIDBA==\"") + ","
                        + envelope("e/bytes", c, "\"base64\":\"/w==\"") + "]");
    }

    @Test
    void everyOffsetOfAnEnvelopeResumesBehindIt() {
        server.create("resume", TEXT);
        for (String word : List.of("a", "b", "c")) server.append("resume", TEXT, word);
        List<JsonNode> all = envelopes(read("resume", "offset=-1&").body());
        for (int i = 0; i < all.size(); i++) {
            String offset = all.get(i).get("offset").asString();
            assertThat(envelopes(read("resume", "offset=" + offset + "&").body()))
                    .isEqualTo(all.subList(i + 1, all.size()));
        }
    }

    // What a name may hold that means something elsewhere.
    @Test
    void theNameIsTheChannelsHoweverItsUrlIsWritten() {
        server.create("%61%3A@=,~+/B%2e%2Ec", TEXT);
        server.append("a:@=,~+/B..c", TEXT, "x");
        assertThat(envelopes(read("a%3a@=%2c~+/B..c", "offset=-1&").body())
                        .getFirst()
                        .get("channel")
                        .asString())
                .isEqualTo("a:@=,~+/B..c");
    }

    @Test
    void theHeadIsThatOfTheSameReadWithoutIt() {
        for (String type : List.of(JSON, TEXT, BYTES)) {
            String channel = "head/" + type.replace('/', '-');
            server.create(channel, type);
            sameHead(channel, "offset=-1&");
            sameHead(channel, "offset=now&");
            sameHead(channel, "last=3&");
            String first = server.append(channel, type, "1");
            String end = server.append(channel, type, "2");
            for (String query : List.of(
                    "",
                    "offset=-1&",
                    "offset=now&",
                    "offset=" + first + "&",
                    "offset=" + end + "&",
                    "last=1&",
                    "last=9&",
                    "before=" + end + "&limit=5&",
                    "offset=-1&live=long-poll&")) {
                sameHead(channel, query);
            }
            server.closeChannel(channel);
            sameHead(channel, "offset=-1&");
            sameHead(channel, "offset=" + end + "&");
            sameHead(channel, "last=1&");
        }
    }

    private static void sameHead(String channel, String query) {
        HttpResponse<byte[]> with = read(channel, query);
        HttpResponse<byte[]> without = expect(server.get("/v1/stream/" + channel + "?" + query), 200);
        for (String name : List.of(
                "Stream-Next-Offset",
                "Stream-Up-To-Date",
                "Stream-Closed",
                "Stream-Previous-Offset",
                "Cache-Control",
                "Vary")) {
            assertThat(with.headers().allValues(name))
                    .as(query + name)
                    .isEqualTo(without.headers().allValues(name));
        }
        assertThat(with.headers().firstValue("ETag").isPresent())
                .as(query)
                .isEqualTo(without.headers().firstValue("ETag").isPresent());
        assertThat(with.headers().firstValue("Stream-Cursor").isPresent())
                .as(query)
                .isEqualTo(without.headers().firstValue("Stream-Cursor").isPresent());
    }

    @Test
    void nothingIsAnEmptyArrayOnEveryChannel() {
        for (String type : List.of(JSON, TEXT, BYTES)) {
            String channel = "empty/" + type.replace('/', '-');
            server.create(channel, type);
            for (String query : List.of("", "offset=-1&", "offset=now&", "last=5&")) {
                assertThat(text(read(channel, query))).as(query).isEqualTo("[]");
            }
            String end = server.append(channel, type, "1");
            assertThat(text(read(channel, "offset=" + end + "&"))).isEqualTo("[]");
            String before = header(read(channel, "last=1&"), "Stream-Previous-Offset");
            assertThat(text(read(channel, "before=" + before + "&"))).isEqualTo("[]");
        }
    }

    @Test
    void itsEntityTagIsItsOwn() {
        server.create("tag", JSON);
        server.append("tag", JSON, "1");
        for (String query : List.of("offset=-1&", "last=1&", "offset=-1&live=long-poll&")) {
            String plain = header(server.get("/v1/stream/tag?" + query), "ETag");
            String own = header(read("tag", query), "ETag");
            assertThat(own).isNotEqualTo(plain);
            String target = "/v1/stream/tag?" + query;
            HttpResponse<byte[]> same = expect(server.get(target + "as=envelopes", "If-None-Match", own), 304);
            assertThat(same.body()).isEmpty();
            assertThat(header(same, "ETag")).isEqualTo(own);
            expect(server.get(target + "as=envelopes", "If-None-Match", plain), 200);
            expect(server.get(target, "If-None-Match", own), 200);
        }
        String open = header(read("tag", "offset=-1&"), "ETag");
        server.closeChannel("tag");
        expect(server.get("/v1/stream/tag?offset=-1&as=envelopes", "If-None-Match", open), 200);
    }

    @ParameterizedTest
    @ValueSource(strings = {JSON, TEXT, BYTES})
    void aLongPollBringsTheNextMessageInItsEnvelope(String type) {
        String channel = "poll/" + type.replace('/', '-');
        server.create(channel, type);
        try (RawClient raw = server.raw()) {
            raw.ask("GET /v1/stream/" + channel + "?offset=-1&live=long-poll&as=envelopes");
            Answer nothing = raw.answer();
            assertThat(nothing.status()).isEqualTo(204);
            assertThat(nothing.header("Stream-Up-To-Date")).isEqualTo("true");
            assertThat(nothing.header("Stream-Cursor")).isNotNull();
        }
        try (TestServer patient = TestServer.start();
                RawClient raw = patient.raw()) {
            patient.create(channel, type);
            raw.ask("GET /v1/stream/" + channel + "?offset=now&live=long-poll&as=envelopes");
            patient.settle();
            String offset = patient.append(channel, type, "77");
            Answer news = raw.answer();
            String data =
                    type.equals(JSON) ? "\"data\":77" : type.equals(TEXT) ? "\"data\":\"77\"" : "\"base64\":\"Nzc=\"";
            assertThat(news.body()).isEqualTo("[" + envelope(channel, offset, data) + "]");
            assertThat(news.header("Content-Type")).isEqualTo(JSON);
            assertThat(news.header("Stream-Next-Offset")).isEqualTo(offset);
            assertThat(news.header("Stream-Up-To-Date")).isEqualTo("true");
            assertThat(news.header("Stream-Cursor")).isNotNull();
            patient.closeChannel(channel);
            raw.ask("GET /v1/stream/" + channel + "?offset=" + offset + "&live=long-poll&as=envelopes");
            Answer end = raw.answer();
            assertThat(end.status()).isEqualTo(204);
            assertThat(end.header("Stream-Closed")).isEqualTo("true");
        }
    }

    @Test
    void whatIsGoneIsToldAsEver() {
        server.create("gone", JSON);
        String first = server.append("gone", JSON, "1");
        server.append("gone", JSON, "[" + "1,".repeat(9_999) + "1]");
        server.append("gone", JSON, "2");
        for (String live : List.of("", "&live=long-poll")) {
            HttpResponse<byte[]> gone = server.get("/v1/stream/gone?offset=" + first + live + "&as=envelopes");
            expect(gone, 410);
            assertThat(header(gone, "Content-Type")).isEqualTo("application/problem+json");
            assertThat(text(gone)).contains("\"reason\":\"trimmed\"");
            assertThat(header(gone, "Stream-Earliest-Offset")).isNotEmpty();
        }
        expect(server.get("/v1/stream/nobody?offset=-1&as=envelopes"), 404);
    }

    // Small messages: their envelopes are what fills an answer.
    @Test
    void anAnswerIsBoundedByWhatTheEnvelopesTake() {
        String channel = "small/" + "n".repeat(128) + "/" + "m".repeat(128);
        server.create(channel, JSON);
        server.append(channel, JSON, "[" + "1,".repeat(1_999) + "1]");
        String end = header(read(channel, "offset=now&"), "Stream-Next-Offset");
        Set<String> offsets = new HashSet<>();
        String offset = "-1";
        int answers = 0;
        for (boolean more = true; more; answers++) {
            HttpResponse<byte[]> answer = read(channel, "offset=" + offset + "&");
            assertThat(answer.body()).hasSizeBetween(READ_BYTES / 2, READ_BYTES + 2);
            for (JsonNode envelope : envelopes(answer.body())) {
                assertThat(offsets.add(envelope.get("offset").asString())).isTrue();
            }
            offset = header(answer, "Stream-Next-Offset");
            assertThat(offsets).contains(offset);
            more = answer.headers().firstValue("Stream-Up-To-Date").isEmpty();
            if (answers > 100) break;
        }
        assertThat(offset).isEqualTo(end);
        assertThat(offsets).hasSize(2_000);
        assertThat(answers).isGreaterThan(1);
    }

    @Test
    void onlyTheAnswerThatReachesTheEndSaysThatItIsTheEnd() {
        server.create("end", JSON);
        server.append("end", JSON, "[" + "1,".repeat(999) + "1]");
        server.closeChannel("end");
        HttpResponse<byte[]> first = read("end", "offset=-1&");
        assertThat(first.headers().firstValue("Stream-Closed")).isEmpty();
        assertThat(first.headers().firstValue("Stream-Up-To-Date")).isEmpty();
        String offset = header(first, "Stream-Next-Offset");
        HttpResponse<byte[]> last = first;
        for (int i = 0; i < 100 && last.headers().firstValue("Stream-Closed").isEmpty(); i++) {
            last = read("end", "offset=" + offset + "&");
            offset = header(last, "Stream-Next-Offset");
        }
        assertThat(header(last, "Stream-Closed")).isEqualTo("true");
        assertThat(header(last, "Stream-Up-To-Date")).isEqualTo("true");
    }

    // The news of a long-poll too: one append may be many messages.
    @Test
    void aLongPollThatWaitedGetsNoMoreThanAnAnswerHolds() {
        try (TestServer patient = TestServer.start("limits.readBytes", "16KB");
                RawClient raw = patient.raw()) {
            patient.create("burst", JSON);
            raw.ask("GET /v1/stream/burst?offset=now&live=long-poll&as=envelopes");
            patient.settle();
            patient.append("burst", JSON, "[" + "1,".repeat(999) + "1]");
            Answer news = raw.answer();
            assertThat(news.body()).hasSizeBetween(READ_BYTES / 2, READ_BYTES + 2);
            assertThat(news.header("Stream-Up-To-Date")).isNull();
            List<JsonNode> envelopes = envelopes(news.body().getBytes(UTF_8));
            assertThat(news.header("Stream-Next-Offset"))
                    .isEqualTo(envelopes.getLast().get("offset").asString());
        }
    }

    @Test
    void backwardsTheOldestAreLeftOut() {
        server.create("history", JSON);
        StringBuilder numbers = new StringBuilder("0");
        for (int i = 1; i < 1_000; i++) numbers.append(',').append(i);
        server.append("history", JSON, "[" + numbers + "]");
        HttpResponse<byte[]> page = read("history", "last=1000&");
        int next = 999;
        for (int pages = 0; next >= 0 && pages < 100; pages++) {
            assertThat(page.body()).hasSizeLessThanOrEqualTo(READ_BYTES + 2);
            for (JsonNode envelope : envelopes(page.body()).reversed()) {
                assertThat(envelope.get("data").asInt()).isEqualTo(next--);
            }
            page = read("history", "before=" + header(page, "Stream-Previous-Offset") + "&limit=1000&");
        }
        assertThat(next).isEqualTo(-1);
        assertThat(text(page)).isEqualTo("[]");
    }

    @Test
    void aMessageLargerThanAnAnswerComesAlone() {
        server.create("huge", BYTES);
        byte[] huge = new byte[100_000];
        server.append("huge", BYTES, "small");
        server.append("huge", BYTES, huge);
        server.append("huge", BYTES, "small");
        HttpResponse<byte[]> first = read("huge", "offset=-1&");
        assertThat(envelopes(first.body())).hasSize(1);
        List<JsonNode> second = envelopes(read("huge", "offset=" + header(first, "Stream-Next-Offset") + "&")
                .body());
        assertThat(second).hasSize(1);
        assertThat(second.getFirst().get("base64").asString())
                .isEqualTo(Base64.getEncoder().encodeToString(huge));
    }

    // A range is of the file that a closed binary channel is; the array is none.
    @Test
    void aRangeIsIgnored() {
        server.create("file", BYTES);
        server.append("file", BYTES, "0123456789");
        server.closeChannel("file");
        HttpResponse<byte[]> answer = server.get("/v1/stream/file?as=envelopes", "Range", "bytes=0-3");
        assertThat(expect(answer, 200).headers().firstValue("Content-Range")).isEmpty();
        assertThat(envelopes(answer.body())).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "as=",
                "as",
                "as=messages",
                "as=Envelopes",
                "as=envelopes&as=envelopes",
                "offset=-1&live=sse&as=envelopes",
                "live=long-poll&as=envelopes",
                "last=0&as=envelopes"
            })
    void nonsenseIsRefusedInWords(String query) {
        server.create("n/" + Integer.toHexString(query.hashCode()), JSON);
        HttpResponse<byte[]> refused =
                server.get("/v1/stream/n/" + Integer.toHexString(query.hashCode()) + "?" + query);
        expect(refused, 400);
        assertThat(text(refused)).contains("\"code\":\"invalid\"", "\"detail\":\"");
    }

    // Each event of a stream is a message with its id; who wants an array as well is told so.
    @Test
    void anEventStreamIsNoArray() {
        server.create("events", JSON);
        expect(server.get("/v1/stream/events?offset=-1&as=envelopes", "Accept", "text/event-stream"), 400);
        HttpResponse<byte[]> last = server.get("/v1/stream/events?last=1&as=envelopes", "Accept", "text/event-stream");
        assertThat(header(expect(last, 200), "Content-Type")).isEqualTo(JSON);
    }
}
