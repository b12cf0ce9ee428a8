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
import io.switchboard.testkit.redis.RedisServer;
import io.switchboard.testkit.store.Asking;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A primary and its replica, watched by a sentinel. */
@Tag("slow")
class SentinelTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private final Witness witness = new Witness();
    private final Hearing hearing = new Hearing();
    private RedisServer primary;
    private RedisServer replica;
    private RedisServer sentinel;
    private Node a;
    private Node b;
    private Relay relay;

    @BeforeEach
    void open() {
        primary = RedisServer.start(folder, "--repl-diskless-sync-delay", "0");
        replica = RedisServer.start(folder, "--repl-diskless-sync-delay", "0");
        replica.ask("REPLICAOF 127.0.0.1 " + primary.port());
        await().until(() -> replica.ask("INFO replication").contains("master_link_status:up"));
        sentinel = RedisServer.sentinel(folder, "main", primary);
        await().until(() -> sentinel.ask("INFO sentinel").contains("slaves=1"));
        a = Node.of(settings("main", sentinel));
        b = Node.of(settings("main", sentinel));
        a.ask().created("x", ContentType.BINARY);
        relay = b.store().relay();
        relay.start(hearing);
    }

    @AfterEach
    void close() {
        if (relay != null) relay.close();
        for (Node node : new Node[] {a, b}) {
            if (node != null) node.close();
        }
        for (RedisServer server : new RedisServer[] {sentinel, replica, primary}) {
            if (server != null) server.close();
        }
    }

    // The first of the sentinels does not run.
    private static RedisSettings settings(String watched, RedisServer... sentinels) {
        Duration timeout = Duration.ofSeconds(2);
        List<String> uris = new ArrayList<>(List.of("redis://127.0.0.1:1"));
        for (RedisServer each : sentinels) uris.add(each.uri());
        return new RedisSettings(uris, watched, null, null, null, "sw", timeout, timeout, 0);
    }

    private void awaitReplicated() {
        await().untilAsserted(
                        () -> assertThat(replica.ask("HGET sw:{x} seq")).isEqualTo(primary.ask("HGET sw:{x} seq")));
    }

    private List<String> appendAll(String... messages) {
        for (String message : messages) witness.saw("x", message, a.ask().appended("x", message));
        return List.of(messages);
    }

    @Test
    void aFailoverThatLosesTheLastWritesIsFollowedAndTold() throws InterruptedException, IOException {
        relay.follow(Node.name("x"));
        hearing.hears("x");
        List<String> expected = new ArrayList<>(appendAll("kept 1", "kept 2"));
        for (int i = 0; i < 2; i++) hearing.hearsCall("x");
        awaitReplicated();
        replica.pause();
        primary.ask("CLIENT KILL TYPE replica"); // what comes from here on never gets there
        appendAll("lost 1", "lost 2", "lost 3");
        for (int i = 0; i < 3; i++) hearing.hearsCall("x");
        Offset lost = a.ask().tail("x").offset();
        primary.kill();
        replica.resume();

        // nobody waits for long, and it goes on by itself
        List<AppendOutcome> refused = new ArrayList<>();
        await().atMost(PATIENCE).until(() -> {
            long begun = System.nanoTime();
            AppendOutcome outcome = Asking.await(a.append("x", "after"));
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
            witness.saw("x", "after", outcome);
            if (outcome instanceof AppendOutcome.Appended) return true;
            refused.add(outcome);
            return false;
        });
        assertThat(refused).isNotEmpty().containsOnly(new AppendOutcome.Failed(Failure.UNAVAILABLE));
        expected.add("after");
        expected.addAll(appendAll("more 1", "more 2"));
        await().until(b.store()::isUp);
        assertThat(witness.reads(b, "x")).isEqualTo(expected);
        Found now = b.ask().found("x");
        assertThat(now.info().lineage().contains(lost)).isFalse();
        assertThat(now.info().lineage().lastCommonWith(lost).sequence()).isEqualTo(2);
        assertThat(now.info().lineage().spans()).isEqualTo(2);

        // calls have moved as well; whatever was missed, somebody was told to look
        hearing.hears("x");
        hearing.hearsAtLast("x", appendedAt());

        // the one that comes back without anything, and takes itself for the primary at first, is not believed, nor is
        // a
        // sentinel that has not heard of the failover
        primary.start();
        long sequence = a.ask().tail("x").sequence();
        try (RedisServer ignorant = RedisServer.sentinel(folder, "main", primary);
                Node late = Node.of(settings("main", ignorant, sentinel))) {
            sentinel.kill();
            await().during(Duration.ofMillis(2_500))
                    .atMost(PATIENCE)
                    .until(() -> late.ask().find("x") instanceof FindOutcome.Here(Found found)
                            && found.tail().sequence() == sequence);
            assertThat(primary.ask("INFO replication")).contains("role:master");
        }
    }

    private long appendedAt() {
        AppendOutcome.Appended appended = a.ask().appended("x", "heard");
        witness.saw("x", "heard", appended);
        return appended.offset().sequence();
    }

    @Test
    void aFailoverThatAnOperatorAskedForIsFollowed() throws InterruptedException {
        relay.follow(Node.name("x"));
        hearing.hears("x");
        appendAll("before");
        awaitReplicated();
        assertThat(sentinel.ask("SENTINEL FAILOVER main")).isEqualTo("OK");
        await().atMost(PATIENCE).until(() -> replica.ask("INFO replication").contains("role:master"));
        // the one that was it still thinks it is, for some time
        await().atMost(PATIENCE)
                .until(() -> Asking.await(a.append("x", "after")) instanceof AppendOutcome.Appended
                        && a.ask().find("x") instanceof FindOutcome.Here(Found found)
                        && replica.ask("HGET sw:{x} seq")
                                .equals(Long.toString(found.tail().sequence())));
        await().atMost(PATIENCE).until(() -> replica.ask("PUBSUB SHARDCHANNELS").equals("sw:{x}"));
        hearing.hearsAtLast("x", appendedAt());
    }
}
