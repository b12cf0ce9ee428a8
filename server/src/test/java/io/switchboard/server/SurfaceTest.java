package io.switchboard.server;

import static io.switchboard.server.TestServer.JSON;
import static io.switchboard.server.TestServer.TEXT;
import static io.switchboard.server.TestServer.expect;
import static io.switchboard.server.TestServer.header;
import static io.switchboard.server.TestServer.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.config.Configuration;
import io.switchboard.testkit.sse.EventStreamParser.Event;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What there is beside the URLs of channels. */
class SurfaceTest {
    private static TestServer withFile(Path folder, String yaml) throws IOException {
        Path file = Files.writeString(folder.resolve("switchboard.yaml"), yaml);
        Configuration.Loaded loaded = Configuration.load(Optional.of(file), Map.of(), Map.of());
        if (!(loaded instanceof Configuration.Loaded.Good good)) throw new AssertionError(loaded);
        return TestServer.start(good.settings());
    }

    @Test
    void routesGiveAChannelAnotherPath(@TempDir Path folder) throws IOException {
        try (TestServer server = withFile(folder, """
                port: 0
                store: memory
                routes:
                  - path: /prices
                    channel: market/prices
                  - path: /api/live-status
                    channel: status
                    read: sse
                  - path: /history
                    channel: market/prices
                    read: log
                  - path: /top
                    channel: market/prices
                    read: last
                    last: 2
                """)) {
            assertThat(server.get("/prices").statusCode()).isEqualTo(404);
            server.create("market/prices", JSON);
            server.create("status", TEXT);
            for (int i = 1; i <= 3; i++) server.append("market/prices", JSON, "" + i);
            HttpResponse<byte[]> price = expect(server.get("/prices"), 200);
            assertThat(text(price)).isEqualTo("[3]");
            assertThat(server.get("/prices", "If-None-Match", header(price, "ETag"))
                            .statusCode())
                    .isEqualTo(304);
            assertThat(server.getText("/top")).isEqualTo("[2,3]");
            assertThat(server.getText("/history")).isEqualTo("[1,2,3]");
            assertThat(server.getText("/history?offset=" + header(price, "Stream-Next-Offset")))
                    .isEqualTo("[]");
            // A browser's EventSource and a curl without any Accept are both served.
            try (RawClient raw = server.raw()) {
                raw.ask("GET /api/live-status");
                EventClient events = EventClient.over(raw);
                String id = server.append("status", TEXT, "up");
                assertThat(events.next()).isEqualTo(new Event("message", "up", id));
            }
            HttpResponse<byte[]> refused =
                    server.send(server.request("/prices").POST(HttpRequest.BodyPublishers.ofString("4")));
            assertThat(refused.statusCode()).isEqualTo(405);
            assertThat(header(refused, "Allow")).isEqualTo("GET, HEAD, OPTIONS");
            try (RawClient raw = server.raw()) {
                RawClient.Answer head = raw.ask("HEAD /prices").answerToHead();
                assertThat(head.status()).isEqualTo(200);
                assertThat(head.header("ETag")).isEqualTo(header(price, "ETag"));
                RawClient.Answer stream = raw.ask("HEAD /api/live-status").answerToHead();
                assertThat(stream.header("Content-Type")).isEqualTo("text/event-stream");
                assertThat(raw.ask("GET /health/live").answer().status()).isEqualTo(200);
            }
        }
    }

    @Test
    void everyChannelIsListedOnceWhileOnePages() {
        try (TestServer server = TestServer.start()) {
            List<String> names = new ArrayList<>();
            for (int i = 0; i < 25; i++) names.add("list/%02d".formatted(i));
            for (String name : names) server.create(name, JSON);
            server.create("other", TEXT);
            server.closeChannel("list/07");
            List<String> listed = new ArrayList<>();
            String after = "";
            int pages = 0;
            do {
                String page = server.getText("/v1/streams?prefix=list/&limit=10&after=" + after);
                Pattern.compile("\"channel\":\"([^\"]*)\"")
                        .matcher(page)
                        .results()
                        .forEach(m -> listed.add(m.group(1)));
                after = Pattern.compile("\"after\":\"([^\"]*)\"}")
                        .matcher(page)
                        .results()
                        .map(MatchResult::group)
                        .findFirst()
                        .map(text -> text.replaceAll("\"after\":|[\"}]", ""))
                        .orElse("");
                pages++;
            } while (!after.isEmpty());
            assertThat(listed).isEqualTo(names);
            assertThat(pages).isEqualTo(3);
            assertThat(server.getText("/v1/streams?prefix=list/07"))
                    .matches("\\{\"channels\":\\[\\{\"channel\":\"list/07\",\"contentType\":\"application/json\","
                            + "\"offset\":\"[a-p][0-9]+[a-p][0-9]+\",\"closed\":true}]}");
            assertThat(server.getText("/v1/streams?prefix=nothing")).isEqualTo("{\"channels\":[]}");
            assertThat(server.getText("/v1/streams?prefix=list/&after=zzz")).isEqualTo("{\"channels\":[]}");
            assertThat(server.getText("/v1/streams?prefix=%22%5C%00&after=%F0%9F%98%80"))
                    .isEqualTo("{\"channels\":[]}");
            for (String limit : List.of("0", "1001", "-1", "x", "")) {
                assertThat(server.get("/v1/streams?limit=" + limit).statusCode())
                        .as(limit)
                        .isEqualTo(400);
            }
        }
    }

    @Test
    void healthIsGoodWhileItServes() {
        try (TestServer server = TestServer.start();
                RawClient raw = server.raw()) {
            for (String path : List.of("/health/live", "/health/ready")) {
                RawClient.Answer answer = raw.ask("GET " + path).answer();
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.body()).isEqualTo("ok\n");
                assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
                RawClient.Answer head = raw.ask("HEAD " + path).answerToHead();
                assertThat(head.status()).isEqualTo(200);
            }
            assertThat(raw.ask("GET /health").answer().status()).isEqualTo(404);
        }
    }

    @Test
    void whoReadsLiveIsToldWithinWhatTimeSomethingComes() {
        String[] settings = {
            "live.heartbeat", "7s", "live.longPollTimeout", "1001ms", "cors.origins", "https://a.example"
        };
        try (TestServer server = TestServer.start(settings)) {
            server.create("c", JSON);
            String end = server.append("c", JSON, "1");
            for (String target : List.of("/live?channel=c", "/v1/stream/c", "/v1/stream/c?offset=now&live=sse")) {
                try (EventClient events = server.events(target, "Origin: https://a.example")) {
                    assertThat(events.head().header("Stream-Heartbeat"))
                            .as(target)
                            .isEqualTo("7");
                    assertThat(events.head().header("Access-Control-Expose-Headers"))
                            .contains("Stream-Heartbeat");
                }
            }
            for (String query : List.of(
                    "-1&as=envelopes",
                    "now&as=envelopes",
                    end + "&as=envelopes",
                    "-1&live=long-poll",
                    end + "&live=long-poll")) {
                HttpResponse<byte[]> answer = server.get("/v1/stream/c?offset=" + query);
                assertThat(header(answer, "Stream-Heartbeat")).as(query).isEqualTo("2");
            }
            assertThat(server.get("/v1/stream/c?offset=-1").headers().firstValue("Stream-Heartbeat"))
                    .isEmpty();
        }
    }

    @Test
    void aPathWhereNothingIsIsNotTakenForAChannelThatIsNotThereYet() {
        try (TestServer server = TestServer.start()) {
            assertThat(TestServer.text(server.get("/wrong/v1/stream/c?offset=-1")))
                    .contains("\"reason\":\"path\"");
            assertThat(TestServer.text(server.get("/v1/stream/c?offset=-1"))).doesNotContain("reason");
        }
    }

    @Test
    void everyAnswerIsDatedAndNothingIsToBeGuessedAboutIt() {
        try (TestServer server = TestServer.start();
                RawClient raw = server.raw()) {
            for (String path : List.of("/health/live", "/v1/stream/missing", "/v1/streams")) {
                RawClient.Answer answer = raw.ask("GET " + path).answer();
                assertThat(answer.header("Date"))
                        .matches("(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT");
                assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
            }
        }
    }

    @Test
    void everyPageMayReadWhereAnyOriginMay() {
        try (TestServer server = TestServer.start()) {
            HttpResponse<byte[]> page = server.get("/v1/stream/missing", "Origin", "https://a.example");
            assertThat(header(page, "Access-Control-Allow-Origin")).isEqualTo("*");
            assertThat(header(page, "Access-Control-Expose-Headers")).isEqualTo("*");
            HttpResponse<byte[]> preflight = preflight(server, "https://a.example");
            assertThat(preflight.statusCode()).isEqualTo(204);
            assertThat(header(preflight, "Access-Control-Allow-Origin")).isEqualTo("*");
            assertThat(header(preflight, "Access-Control-Allow-Methods")).contains("PUT");
            assertThat(header(preflight, "Access-Control-Allow-Headers")).contains("Content-Type");
        }
    }

    @Test
    void onlyPagesOfListedOriginsMayReadWhereTheyAreListed() {
        try (TestServer server = TestServer.start("cors.origins", "https://a.example, https://b.example:8443")) {
            for (String origin : List.of("https://a.example", "https://b.example:8443")) {
                HttpResponse<byte[]> page = server.get("/v1/stream/missing", "Origin", origin);
                assertThat(header(page, "Access-Control-Allow-Origin")).isEqualTo(origin);
                assertThat(header(page, "Access-Control-Expose-Headers")).contains("Stream-Next-Offset");
                assertThat(page.headers().allValues("Vary").toString()).containsIgnoringCase("Origin");
                HttpResponse<byte[]> preflight = preflight(server, origin);
                assertThat(header(preflight, "Access-Control-Allow-Origin")).isEqualTo(origin);
                assertThat(header(preflight, "Access-Control-Allow-Methods")).contains("PUT");
            }
            for (String origin : List.of("https://evil.example", "http://a.example", "https://a.example:444", "null")) {
                HttpResponse<byte[]> page = server.get("/v1/stream/missing", "Origin", origin);
                assertThat(page.headers().firstValue("Access-Control-Allow-Origin"))
                        .isEmpty();
                HttpResponse<byte[]> preflight = preflight(server, origin);
                assertThat(preflight.statusCode())
                        .as("a foreign preflight is no error")
                        .isEqualTo(204);
                assertThat(preflight.headers().map().keySet().toString()).doesNotContainIgnoringCase("access-control");
                assertThat(preflight.headers().allValues("Vary").toString()).containsIgnoringCase("Origin");
            }
        }
    }

    private static HttpResponse<byte[]> preflight(TestServer server, String origin) {
        return server.send(server.request("/v1/stream/a")
                .header("Origin", origin)
                .header("Access-Control-Request-Method", "PUT")
                .method("OPTIONS", HttpRequest.BodyPublishers.noBody()));
    }
}
