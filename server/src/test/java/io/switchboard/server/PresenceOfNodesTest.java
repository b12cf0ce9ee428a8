package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.core.nodes.Membership.Lease;
import io.switchboard.testkit.redis.RedisServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Three whole servers on one Redis, each over a cable of its own: who is on a channel at one of them is on it at all. */
@Tag("slow")
class PresenceOfNodesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    static Path folder;

    private static RedisServer redis;

    private final List<Cable> cables = new ArrayList<>();
    private final List<TestServer> nodes = new ArrayList<>();
    private final List<Guest> guests = new ArrayList<>();

    @BeforeAll
    static void startRedis() {
        redis = RedisServer.start(folder, "--appendonly", "yes");
    }

    @AfterAll
    static void stopRedis() {
        if (redis != null) redis.close();
    }

    @BeforeEach
    void startNodes() {
        redis.ask("FLUSHALL");
        for (int i = 0; i < 3; i++) {
            Cable cable = new Cable(redis.port());
            cables.add(cable);
            nodes.add(TestServer.start(
                    new Lease(300, 1_500),
                    "store",
                    "redis",
                    "redis.urls",
                    "redis://127.0.0.1:" + cable.port(),
                    "redis.timeout",
                    "1s",
                    "live.presenceGrace",
                    "0s"));
        }
        nodes.getFirst().create("room", TestServer.JSON);
        for (TestServer node : nodes) {
            await().atMost(PATIENCE)
                    .until(() -> TestServer.text(node.get("/metrics")).contains("\nswitchboard_nodes 3"));
        }
    }

    @AfterEach
    void stopNodes() {
        guests.forEach(Guest::close);
        nodes.forEach(TestServer::close);
        cables.forEach(Cable::close);
    }

    private Guest guest(int node, String token) {
        Guest guest = new Guest(nodes.get(node), token);
        guests.add(guest);
        return guest;
    }

    private void allSee(int count) {
        for (Guest guest : guests) guest.sees(count);
        Set<String> picture = guests.getFirst().seen();
        for (Guest guest : guests) assertThat(guest.seen()).isEqualTo(picture);
    }

    private int countAt(int node) {
        try (FrameClient asking = FrameClient.open(nodes.get(node).port(), "/live", Guest.V1)) {
            asking.text("{\"id\":1,\"action\":\"auth\",\"token\":\"asking\"}");
            asking.nextText();
            asking.text("{\"id\":9,\"action\":\"presence\",\"channel\":\"room\"}");
            return JSON.readTree(asking.nextText()).at("/ok/count").asInt();
        }
    }

    @Test
    void whoIsAtOneNodeIsAtAllAndOnceHoweverManyHaveIt() {
        Guest ann = guest(0, "ann");
        ann.sees(1);
        Guest bob = guest(1, "bob");
        allSee(2);
        assertThat(countAt(2)).as("where nobody attends").isEqualTo(2);
        Guest again = guest(2, "bob");
        allSee(2);
        bob.close();
        guests.remove(bob);
        await().atMost(PATIENCE).until(() -> redis.ask("HLEN sw:{room}:here").equals("2"));
        Guest cid = guest(1, "cid");
        allSee(3);
        again.close();
        guests.remove(again);
        allSee(2);
        assertThat(ann.told()).containsExactly("presence 1", "join 2", "join 3", "leave 2");
        assertThat(cid.told()).containsExactly("presence 3", "leave 2");
        guests.forEach(Guest::close);
        await().atMost(PATIENCE).until(() -> redis.ask("KEYS sw:{room}:here*").isEmpty());
        await().atMost(PATIENCE).until(() -> countAt(0) == 0);
    }

    @Test
    void aNodeThatIsCutOffLeavesNoGhostsAndComesBackByItself() {
        Guest ann = guest(0, "ann");
        ann.sees(1);
        Guest bob = guest(1, "bob");
        ann.sees(2);
        Guest cid = guest(2, "cid");
        cid.sees(3);
        Guest dan = guest(2, "dan");
        allSee(4);
        cables.get(2).cut();
        ann.sees(2); // its lease is over
        bob.sees(2);
        dan.close();
        guests.remove(dan);
        cid.sees(3); // the others as last known: they may well be there
        cables.get(2).mend();
        allSee(3);
        assertThat(ann.told().subList(0, 4)).containsExactly("presence 1", "join 2", "join 3", "join 4");
        assertThat(ann.told().subList(4, 7)).containsExactly("leave 3", "leave 2", "join 3");
        assertThat(cid.told()).containsExactly("presence 3", "join 4", "leave 3");
        nodes.get(2).close(); // in good order: the others need not wait for its lease
        guests.remove(cid);
        allSee(2);
    }

    @Test
    void whileRedisIsAwayNobodyLeavesForThatAndWhatItForgetsIsLaidDownAgain() throws IOException {
        Guest ann = guest(0, "ann");
        ann.sees(1);
        Guest bob = guest(1, "bob");
        allSee(2);
        Guest cid = guest(0, "cid");
        allSee(3);
        redis.kill();
        try {
            cid.close();
            guests.remove(cid);
            ann.sees(2);
        } finally {
            redis.start();
        }
        bob.sees(2);
        await().atMost(PATIENCE).until(() -> countAt(2) == 2);
        assertThat(redis.ask("DEL sw:{room}:here")).isEqualTo("1");
        redis.ask("CLIENT KILL TYPE pubsub"); // whoever hears again looks
        await().atMost(PATIENCE).until(() -> redis.ask("HLEN sw:{room}:here").equals("2"));
        assertThat(ann.told()).containsExactly("presence 1", "join 2", "join 3", "leave 2");
        assertThat(bob.told()).containsExactly("presence 2", "join 3", "leave 2");
    }
}
