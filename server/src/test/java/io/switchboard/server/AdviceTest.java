package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** {@code GET /v1/advice}: that every way to read and write is seen, and who may ask. */
class AdviceTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String V1 = "Sec-WebSocket-Protocol: switchboard.v1";

    private static JsonNode json(HttpResponse<byte[]> answer) {
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(TestServer.header(answer, "Content-Type")).isEqualTo("application/json");
        assertThat(TestServer.header(answer, "Cache-Control")).isEqualTo("no-store");
        return JSON.readTree(answer.body());
    }

    private static JsonNode traffic(TestServer server) {
        return json(server.get("/v1/advice?channel=c")).get("advice").get("traffic");
    }

    @Test
    @SuppressWarnings("try") // those connections are there to be seen
    void everyWayToReadAndWriteIsSeen() {
        try (TestServer server = TestServer.start("live.longPollTimeout", "100ms")) {
            server.create("c", TestServer.TEXT);
            String offset = server.append("c", TestServer.TEXT, "one");
            server.get("/v1/stream/c?last=1");
            server.get("/v1/stream/c?offset=-1");
            server.get("/v1/stream/c?offset=" + offset);
            server.get("/v1/stream/c?offset=" + offset + "&live=long-poll");
            try (EventClient plain = server.events("/v1/stream/c");
                    EventClient durable = server.events("/v1/stream/c?offset=-1&live=sse");
                    EventClient shared = server.events("/live?channel=c");
                    FrameClient socket = FrameClient.open(server.port(), "/v1/stream/c");
                    FrameClient line = FrameClient.open(server.port(), "/live", V1)) {
                line.text("{\"id\":1,\"action\":\"subscribe\",\"channel\":\"c\",\"rate\":0.5}");
                await().until(() -> traffic(server).get("webSockets").asInt() == 2);
                socket.text("two");
                line.text("{\"id\":2,\"action\":\"publish\",\"channel\":\"c\",\"data\":\"three\"}");
                await().until(() -> traffic(server).get("saidPerHour").asDouble() > 0);
                JsonNode traffic = traffic(server);
                assertThat(traffic.get("eventStreams").asInt()).isEqualTo(3);
                assertThat(traffic.get("paced").asInt()).isEqualTo(1);
                assertThat(traffic.get("pacedEverySeconds").asDouble()).isEqualTo(2);
                for (String rate : List.of("posts", "looks", "polls", "emptyPolls", "longPolls", "pagesBehind")) {
                    assertThat(traffic.get(rate + "PerHour").asDouble())
                            .as(rate)
                            .isPositive();
                }
                assertThat(traffic.get("largestBytes").asInt()).isBetween(2, 4);
            }
            await().until(() -> traffic(server).get("webSockets").asInt() == 0
                    && traffic(server).get("eventStreams").asInt() == 0);
        }
    }

    @Test
    void tooLittleIsToldSo() {
        try (TestServer server = TestServer.start()) {
            server.create("c", TestServer.TEXT);
            server.append("c", TestServer.TEXT, "one");
            JsonNode all = json(server.get("/v1/advice"));
            assertThat(all.get("channels").get("observed").asInt()).isEqualTo(1);
            assertThat(all.get("channels").get("none").asInt()).isEqualTo(1);
            JsonNode advice = all.get("advice").get(0);
            assertThat(advice.get("channel").asString()).isEqualTo("c");
            assertThat(advice.get("kind").asString()).isEqualTo("none");
            assertThat(advice.get("rule").asInt()).isEqualTo(1);
            assertThat(advice.get("sentence").asString()).startsWith("Too little was seen: 1 appends in ");
            assertThat(advice.has("transport")).isFalse();
            JsonNode nowhere = json(server.get("/v1/advice?channel=nowhere"));
            assertThat(nowhere.get("advice").get("kind").asString()).isEqualTo("none");
            assertThat(nowhere.get("evidence").get("digest").asString()).matches("[0-9a-f]{12}");
        }
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        try (TestServer server = TestServer.start()) {
            for (String query : List.of(
                    "?channel=",
                    "?channel=a%20b",
                    "?limit=0",
                    "?limit=101",
                    "?limit=x",
                    "?channel=a&limit=2",
                    "?limit=1&limit=2")) {
                HttpResponse<byte[]> answer = server.get("/v1/advice" + query);
                assertThat(answer.statusCode()).as(query).isEqualTo(400);
                assertThat(TestServer.header(answer, "Content-Type")).isEqualTo("application/problem+json");
            }
            assertThat(server.send(server.request("/v1/advice").DELETE()).statusCode())
                    .isEqualTo(405);
        }
    }

    @Test
    void adminsAskForAllAndReadersForWhatTheyMayRead(@TempDir Path folder) {
        Tokens tokens = new Tokens(folder);
        try (TestServer server = tokens.server()) {
            String[] nobody = {};
            String[] reader = {
                "Authorization", "Bearer " + tokens.of("ann").read("mine/*").sign()
            };
            String[] admin = {"Authorization", "Bearer " + tokens.all()};
            assertThat(server.get("/v1/advice", nobody).statusCode()).isEqualTo(401);
            assertThat(server.get("/v1/advice", reader).statusCode()).isEqualTo(403);
            assertThat(server.get("/v1/advice", admin).statusCode()).isEqualTo(200);
            assertThat(server.get("/v1/advice?channel=mine/a", nobody).statusCode())
                    .isEqualTo(401);
            assertThat(server.get("/v1/advice?channel=mine/a", reader).statusCode())
                    .isEqualTo(200);
            assertThat(server.get("/v1/advice?channel=other/a", reader).statusCode())
                    .isEqualTo(403);
        }
    }
}
