package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.testkit.redis.RedisCluster;
import io.switchboard.testkit.redis.RedisServer;
import io.switchboard.testkit.sse.EventStreamParser.Event;
import java.net.http.HttpRequest.BodyPublishers;
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
            replica.ask("REPLICAOF 127.0.0.1 " + primary.port());
            await().until(() -> replica.ask("INFO replication").contains("master_link_status:up"));
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
            replica.resume();
            primary.kill();
            appendAtLast(a, "after");
            assertThat(reader.next().type()).isEqualTo("gap");
            assertThat(reader.next().data()).isEqualTo("after");
        }
    }

    @Test
    void readersAndWritersDoNotNoticeThatASlotMoves() {
        try (RedisCluster cluster = RedisCluster.start(folder, 3)) {
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
    }

    // Something is appended at every step.
    private static void move(RedisCluster cluster, TestServer a, TestServer b, List<String> sent) {
        String key = "sw:{room}";
        int slot = cluster.slot(key);
        RedisServer to = cluster.servers().stream()
                .filter(server -> !server.equals(cluster.owner(key)))
                .findFirst()
                .orElseThrow();
        List<Runnable> steps = List.of(
                () -> cluster.openSlot(slot, to),
                () -> cluster.carryAll(slot, to),
                () -> cluster.closeSlot(slot, to),
                () -> {});
        for (Runnable step : steps) {
            step.run();
            for (int i : IntStream.range(0, 4).toArray()) {
                String message = "m" + sent.size();
                (i % 2 == 0 ? a : b).append("room", TestServer.TEXT, message);
                sent.add(message);
            }
        }
    }
}
