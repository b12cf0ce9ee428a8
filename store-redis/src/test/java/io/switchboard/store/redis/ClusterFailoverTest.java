package io.switchboard.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.relay.Relay;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.FindOutcome;
import io.switchboard.core.store.Found;
import io.switchboard.testkit.redis.RedisCluster;
import io.switchboard.testkit.redis.RedisServer;
import io.switchboard.testkit.store.Asking;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A primary of a cluster that dies. */
@Tag("slow")
class ClusterFailoverTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** What it missed is lost, and no offset ever names something else. */
    @Test
    void aReplicaTakesItsPlaceAndWhoIsElsewhereDoesNotNotice(@TempDir Path folder) throws InterruptedException {
        try (RedisCluster cluster = RedisCluster.start(folder, 3)) {
            // otherwise the others refuse everything meanwhile
            for (RedisServer server : cluster.servers()) server.ask("CONFIG SET cluster-require-full-coverage no");
            RedisServer dying = cluster.servers().getFirst();
            RedisServer replica = cluster.addReplica(dying);
            replica.ask("CONFIG SET cluster-require-full-coverage no");
            RedisSettings settings =
                    Node.settings(Duration.ofSeconds(2), cluster.servers().get(1));
            try (Node a = Node.of(settings);
                    Node b = Node.of(settings);
                    Relay relay = b.store().relay()) {
                kill(cluster, dying, replica, a, b, relay);
            }
        }
    }

    private static void kill(RedisCluster cluster, RedisServer dying, RedisServer replica, Node a, Node b, Relay relay)
            throws InterruptedException {
        Witness witness = new Witness();
        Hearing hearing = new Hearing();
        relay.start(hearing);
        String on = nameOn(cluster, dying, true);
        String elsewhere = nameOn(cluster, dying, false);
        a.ask().created(on, ContentType.BINARY);
        a.ask().created(elsewhere, ContentType.BINARY);
        append(a, on, witness, "before");
        relay.follow(Node.name(on));
        hearing.hears(on);
        await().until(() -> field(replica, "slave_repl_offset").equals(field(dying, "master_repl_offset")));
        replica.pause();
        dying.ask("CLIENT KILL TYPE replica"); // what comes from here on never gets there
        append(a, on, witness, "lost 1", "lost 2", "lost 3");
        for (int i = 0; i < 3; i++) hearing.hearsCall(on);
        Offset lost = b.ask().tail(on).offset();
        dying.kill();
        replica.resume();
        List<AppendOutcome> refused = new ArrayList<>();
        List<String> written = new ArrayList<>();
        await().atMost(PATIENCE).until(() -> {
            long begun = System.nanoTime();
            AppendOutcome outcome = Asking.await(a.append(on, "after"));
            witness.saw(on, "after", outcome);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
            String message = "m" + written.size();
            a.ask().appended(elsewhere, message); // or it fails
            written.add(message);
            if (outcome instanceof AppendOutcome.Appended) return true;
            refused.add(outcome);
            return false;
        });
        assertThat(refused).isNotEmpty().containsOnly(new AppendOutcome.Failed(Failure.UNAVAILABLE));
        append(a, on, witness, "more 1", "more 2");
        assertThat(witness.reads(a, on)).containsExactly("before", "after", "more 1", "more 2");
        assertThat(b.ask().all(elsewhere)).isEqualTo(written);
        await().atMost(PATIENCE).until(() -> b.ask().find(on) instanceof FindOutcome.Here);
        Found now = b.ask().found(on);
        assertThat(now.info().lineage().contains(lost)).isFalse();
        assertThat(now.info().lineage().lastCommonWith(lost).sequence()).isEqualTo(1);
        hearing.hears(on);
        hearing.hearsAtLast(on, a.ask().appended(on, "heard").offset().sequence());
    }

    private static void append(Node to, String channel, Witness witness, String... messages) {
        for (String message : messages) witness.saw(channel, message, to.ask().appended(channel, message));
    }

    private static String field(RedisServer server, String name) {
        String info = server.ask("INFO replication");
        int at = info.indexOf(name + ":") + name.length() + 1;
        return info.substring(at, info.indexOf('\r', at));
    }

    private static String nameOn(RedisCluster cluster, RedisServer server, boolean there) {
        return IntStream.range(0, Integer.MAX_VALUE)
                .mapToObj(i -> "n" + i)
                .filter(name -> cluster.owner("sw:{" + name + "}").equals(server) == there)
                .findFirst()
                .orElseThrow();
    }
}
