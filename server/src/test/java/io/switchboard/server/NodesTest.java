package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.testkit.redis.RedisServer;
import io.switchboard.testkit.sse.EventStreamParser.Event;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole servers that share a Redis: whatever one of them is told, the others know. */
@Tag("slow")
class NodesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    static Path folder;

    private static RedisServer redis;

    private Nodes nodes;

    @BeforeAll
    static void startRedis() {
        redis = RedisServer.start(folder);
    }

    @AfterAll
    static void stopRedis() {
        if (redis != null) redis.close();
    }

    @BeforeEach
    void startNodes() {
        redis.ask("FLUSHALL");
        nodes = Nodes.start(2, redis);
    }

    @AfterEach
    void stopNodes() {
        nodes.close();
    }

    @Test
    void showsHowLongRedisAndItsCallsTake() {
        TestServer a = nodes.node(0);
        a.create("room", TestServer.TEXT);
        try (EventClient reader = a.events("/v1/stream/room?offset=-1", "Accept: text/event-stream")) {
            await().atMost(PATIENCE).until(() -> {
                a.append("room", TestServer.TEXT, "hello"); // calls are heard once the node has subscribed
                assertThat(reader.next().data()).isEqualTo("hello");
                return count(a.getText("/metrics"), "switchboard_relay_call_seconds_count") > 0;
            });
        }
        assertThat(count(a.getText("/metrics"), "switchboard_store_round_trip_seconds_count"))
                .isGreaterThan(1);
    }

    private static double count(String figures, String name) {
        return figures.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .sum();
    }

    @Test
    void whatOneNodeAcknowledgedAnotherAnswersWith() {
        TestServer a = nodes.node(0);
        TestServer b = nodes.node(1);
        a.create("room", TestServer.TEXT);
        for (int i = 0; i < 50; i++) {
            TestServer to = nodes.node(i % 2);
            TestServer from = nodes.node((i + 1) % 2);
            String offset = to.append("room", TestServer.TEXT, "m" + i);
            HttpResponse<byte[]> newest = from.get("/v1/stream/room?last=1");
            assertThat(TestServer.text(newest)).isEqualTo("m" + i);
            assertThat(TestServer.header(from.get("/v1/stream/room?offset=" + offset), "Stream-Next-Offset"))
                    .isEqualTo(offset);
        }
        b.closeChannel("room");
        assertThat(TestServer.header(a.get("/v1/stream/room?offset=now"), "Stream-Closed"))
                .isEqualTo("true");
        b.delete("room");
        assertThat(a.get("/v1/stream/room?offset=-1").statusCode()).isEqualTo(404);
    }

    /** Of which a node has the beginning in its cache, as it appended that itself. */
    @Test
    void whoAsksOnceGetsAllThatSeveralNodesAppended() {
        nodes.node(0).create("room", TestServer.TEXT);
        nodes.node(0).append("room", TestServer.TEXT, "one ");
        nodes.node(1).append("room", TestServer.TEXT, "two ");
        nodes.node(1).append("room", TestServer.TEXT, "three");
        for (TestServer each : nodes.all()) {
            HttpResponse<byte[]> all = each.get("/v1/stream/room?offset=-1");
            assertThat(TestServer.text(all)).isEqualTo("one two three");
            assertThat(TestServer.header(all, "Stream-Up-To-Date")).isEqualTo("true");
        }
    }

    @Test
    void liveReadersOfOneNodeGetWhatIsAppendedToAnother() {
        TestServer a = nodes.node(0);
        TestServer b = nodes.node(1);
        a.create("room", TestServer.TEXT);
        try (EventClient reader = b.events("/v1/stream/room?offset=-1", "Accept: text/event-stream")) {
            for (int i = 0; i < 200; i++) nodes.node(i % 2).append("room", TestServer.TEXT, "m" + i);
            assertThat(reader.next(200)).extracting(Event::data).containsExactlyElementsOf(numbered(200));
        }
    }

    private static List<String> numbered(int count) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < count; i++) all.add("m" + i);
        return all;
    }

    @Test
    void withoutRedisNobodyIsToldWhatIsNotTrueAndReadersGoOnAfterwards() {
        TestServer a = nodes.node(0);
        TestServer b = nodes.node(1);
        a.create("room", TestServer.TEXT);
        try (EventClient reader = b.events("/v1/stream/room?offset=-1", "Accept: text/event-stream")) {
            a.append("room", TestServer.TEXT, "before");
            assertThat(reader.next().data()).isEqualTo("before");
            redis.pause();
            try {
                HttpResponse<byte[]> refused = a.send(a.request("/v1/stream/room")
                        .header("Content-Type", TestServer.TEXT)
                        .POST(BodyPublishers.ofString("uncertain")));
                assertThat(refused.statusCode()).isEqualTo(503);
                assertThat(TestServer.header(refused, "Retry-After")).isNotBlank();
                await().atMost(PATIENCE).until(() -> a.get("/health/ready").statusCode() == 503);
                assertThat(a.get("/health/live").statusCode()).isEqualTo(200);
                assertThat(a.get("/v1/stream/room?offset=-1").statusCode()).isEqualTo(503);
            } finally {
                redis.resume();
            }
            await().atMost(PATIENCE).until(() -> a.get("/health/ready").statusCode() == 200);
            await().atMost(PATIENCE).until(() -> b.get("/health/ready").statusCode() == 200);
            a.append("room", TestServer.TEXT, "after");
            List<String> heard = new ArrayList<>();
            while (!heard.contains("after")) heard.add(reader.next().data());
            assertThat(heard).as("whether it was stored was not known").isSubsetOf("uncertain", "after");
        }
    }

    /** A Redis that keeps nothing is killed and comes back: what it had is gone, and everybody is told. */
    @Test
    void aRedisThatForgotEverythingIsNoticed() throws Exception {
        TestServer a = nodes.node(0);
        TestServer b = nodes.node(1);
        a.create("room", TestServer.TEXT);
        String offset = a.append("room", TestServer.TEXT, "lost");
        redis.kill();
        redis.start();
        await().atMost(PATIENCE).until(() -> b.get("/health/ready").statusCode() == 200);
        await().atMost(PATIENCE)
                .until(() -> b.get("/v1/stream/room?offset=" + offset).statusCode() == 404);
        await().atMost(PATIENCE).until(() -> a.get("/health/ready").statusCode() == 200);
        a.create("room", TestServer.TEXT);
        String again = a.append("room", TestServer.TEXT, "new");
        assertThat(again).isNotEqualTo(offset);
        HttpResponse<byte[]> gone = b.get("/v1/stream/room?offset=" + offset);
        assertThat(gone.statusCode()).as("an offset of what was lost").isEqualTo(410);
    }
}
