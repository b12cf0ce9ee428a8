package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.testkit.redis.RedisCluster;
import io.switchboard.testkit.redis.RedisServer;
import io.switchboard.testkit.sse.EventStreamParser.Event;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole servers on a Redis that changes under them. */
@Tag("slow")
class FailoverTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String EVENTS = "/v1/stream/room?offset=-1";

    @TempDir
    Path folder;

    private static TestServer node(String... settings) {
        String[] shared = {"store", "redis", "redis.timeout", "1s"};
        return TestServer.start(Stream.of(shared, settings).flatMap(Stream::of).toArray(String[]::new));
    }

    // As a client does that is told to come back.
    private static void appendAtLast(TestServer to, String message) {
        await().atMost(PATIENCE).until(() -> {
            int status = to.send(to.request("/v1/stream/room")
                            .header("Content-Type", TestServer.TEXT)
                            .POST(BodyPublishers.ofString(message)))
                    .statusCode();
            assertThat(status).isIn(200, 204, 503);
            return status != 503;
        });
    }

    @Test
    void readersAreToldOfWhatAFailoverBySentinelLostAndGoOn() {
        try (RedisServer primary = RedisServer.start(folder, "--repl-diskless-sync-delay", "0");
                RedisServer replica = RedisServer.start(folder)) {
            replica.replicate(primary);
            try (RedisServer sentinel = RedisServer.sentinel(folder, "main", primary)) {
                await().until(() -> sentinel.ask("INFO sentinel").contains("slaves=1"));
                String[] settings = {"redis.urls", sentinel.uri(), "redis.sentinel", "main"};
                try (TestServer a = node(settings);
                        TestServer b = node(settings)) {
                    loseTheNewestOf(a, b, primary, replica);
                }
            }
        }
    }

    private static void loseTheNewestOf(TestServer a, TestServer b, RedisServer primary, RedisServer replica) {
        a.create("room", TestServer.TEXT);
        try (EventClient reader = b.events(EVENTS, "Accept: text/event-stream")) {
            a.append("room", TestServer.TEXT, "kept");
            assertThat(reader.next().data()).isEqualTo("kept");
            await().until(() -> replica.ask("HGET sw:{room} seq").equals("1"));
            replica.pause();
            primary.ask("CLIENT KILL TYPE replica"); // what comes from here on never gets there
            a.append("room", TestServer.TEXT, "lost");
            assertThat(reader.next().data()).isEqualTo("lost");
            primary.kill();
            replica.resume();
            appendAtLast(a, "after");
            assertThat(reader.next().type()).isEqualTo("gap");
            assertThat(reader.next().data()).isEqualTo("after");
        }
    }

    @Test
    void withoutTheReplicaThatIsWaitedForAnAppendIsAnswered503AndARepetitionMakesItSure() {
        try (RedisServer primary = RedisServer.start(folder, "--repl-diskless-sync-delay", "0");
                RedisServer replica = RedisServer.start(folder)) {
            replica.replicate(primary);
            try (TestServer a = node("redis.urls", primary.uri(), "redis.replicas", "1")) {
                a.create("room", TestServer.TEXT);
                replica.pause();
                HttpResponse<byte[]> uncertain = produced(a);
                assertThat(uncertain.statusCode()).isEqualTo(503);
                assertThat(TestServer.header(uncertain, "Retry-After")).isNotBlank();
                assertThat(a.get("/health/ready").statusCode()).isEqualTo(200);
                replica.resume();
                await().atMost(PATIENCE).until(() -> produced(a).statusCode() == 204);
                assertThat(replica.ask("HGET sw:{room} seq")).isEqualTo("1");
                assertThat(TestServer.text(a.get("/v1/stream/room?offset=-1"))).isEqualTo("once");
            }
        }
    }

    private static HttpResponse<byte[]> produced(TestServer to) {
        return to.send(to.request("/v1/stream/room")
                .header("Content-Type", TestServer.TEXT)
                .header("Producer-Id", "w")
                .header("Producer-Epoch", "0")
                .header("Producer-Seq", "0")
                .POST(BodyPublishers.ofString("once")));
    }

    @Test
    void readersAndWritersDoNotNoticeThatASlotMoves() {
        RedisCluster cluster = RedisCluster.shared();
        String[] settings = {"redis.urls", cluster.servers().getFirst().uri()};
        try (TestServer a = node(settings);
                TestServer b = node(settings)) {
            a.create("room", TestServer.TEXT);
            try (EventClient reader = b.events(EVENTS, "Accept: text/event-stream")) {
                List<String> sent = new ArrayList<>();
                for (int move = 0; move < 3; move++) move(cluster, a, b, sent);
                List<Event> read = reader.next(sent.size());
                assertThat(read).extracting(Event::type).containsOnly("message");
                assertThat(read).extracting(Event::data).containsExactlyElementsOf(sent);
            }
        }
    }

    /** Somebody comes, and somebody leaves, at every step; nobody else seems to. */
    @Test
    void whoIsOnAChannelStaysAsItsSlotMovesAndIsToldOfTheOthers() {
        RedisCluster cluster = RedisCluster.shared();
        String[] settings = {"redis.urls", cluster.servers().getFirst().uri(), "live.presenceGrace", "0s"};
        try (TestServer a = node(settings);
                TestServer b = node(settings)) {
            a.create("room", TestServer.JSON);
            try (Guest ann = new Guest(a, "ann");
                    Guest bob = new Guest(b, "bob")) {
                ann.sees(2);
                bob.sees(2);
                List<String> expected = new ArrayList<>();
                for (Runnable step : stepsOfAMove(cluster)) {
                    step.run();
                    TestServer at = expected.size() % 4 == 0 ? a : b;
                    try (Guest passing = new Guest(at, "passing")) {
                        for (Guest each : List.of(ann, bob, passing)) each.sees(3);
                    }
                    for (Guest each : List.of(ann, bob)) each.sees(2);
                    expected.addAll(List.of("join 3", "leave 2"));
                }
                for (Guest each : List.of(ann, bob)) {
                    List<String> told = each.told();
                    assertThat(told.subList(told.size() - expected.size(), told.size()))
                            .isEqualTo(expected);
                }
            }
        }
    }

    // Something is appended at every step.
    private static void move(RedisCluster cluster, TestServer a, TestServer b, List<String> sent) {
        for (Runnable step : stepsOfAMove(cluster)) {
            step.run();
            for (int i : IntStream.range(0, 4).toArray()) {
                String message = "m" + sent.size();
                (i % 2 == 0 ? a : b).append("room", TestServer.TEXT, message);
                sent.add(message);
            }
        }
    }

    private static List<Runnable> stepsOfAMove(RedisCluster cluster) {
        String key = "sw:{room}";
        int slot = cluster.slot(key);
        RedisServer to = cluster.servers().stream()
                .filter(server -> !server.equals(cluster.owner(key)))
                .findFirst()
                .orElseThrow();
        return List.of(
                () -> cluster.openSlot(slot, to),
                () -> cluster.carryAll(slot, to),
                () -> cluster.closeSlot(slot, to),
                () -> {});
    }
}
