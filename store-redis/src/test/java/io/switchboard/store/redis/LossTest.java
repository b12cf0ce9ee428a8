package io.switchboard.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.CreateOutcome;
import io.switchboard.core.store.DeleteOutcome;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.FindOutcome;
import io.switchboard.core.store.Found;
import io.switchboard.core.store.Listing;
import io.switchboard.core.store.ReadOutcome;
import io.switchboard.testkit.redis.RedisServer;
import io.switchboard.testkit.store.Asking;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What becomes of offsets and of requests when Redis is killed, stopped, replaced or full. In each case no offset ever
 * names two messages, everybody is answered in time, and all works afterwards.
 */
@Tag("slow")
class LossTest {
    private static final List<String> NAMES = List.of("x", "y", "count/z");
    private static final int UNDER_WAY = 50;

    @TempDir
    Path folder;

    private final Witness witness = new Witness();
    private final List<RedisServer> servers = new ArrayList<>();
    private @Nullable Node opened;
    private int written;

    @AfterEach
    void close() {
        if (opened != null) opened.close();
        servers.forEach(RedisServer::close);
    }

    private RedisServer start(String... options) {
        RedisServer server = RedisServer.start(folder, options);
        servers.add(server);
        return server;
    }

    private Node node() {
        return Objects.requireNonNull(opened);
    }

    private void create() {
        for (String name : NAMES) {
            witness.saw(
                    name, node().ask().created(name, ContentType.BINARY).tail().offset(), "the beginning");
        }
    }

    // Appends to all channels at once; answered or not, all are told what became of them.
    private Map<String, AppendOutcome> write(int count) {
        Map<String, CompletableFuture<AppendOutcome>> underWay = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            for (String name : NAMES) {
                String message = name + "#" + written++;
                underWay.put(message, node().append(name, message));
            }
        }
        Map<String, AppendOutcome> outcomes = new LinkedHashMap<>();
        underWay.forEach((message, answer) -> {
            AppendOutcome outcome = Asking.await(answer);
            witness.saw(channelOf(message), message, outcome);
            outcomes.put(message, outcome);
        });
        return outcomes;
    }

    private static String channelOf(String message) {
        return message.substring(0, message.indexOf('#'));
    }

    private static List<String> acknowledged(Map<String, AppendOutcome> outcomes, String name) {
        List<String> messages = new ArrayList<>();
        outcomes.forEach((message, outcome) -> {
            if (channelOf(message).equals(name) && outcome instanceof AppendOutcome.Appended) messages.add(message);
        });
        return messages;
    }

    private void awaitUp() {
        await().until(() -> node().store().isUp() && node().ask().find("nobody") instanceof FindOutcome.NotFound);
    }

    // What WAIT tells is about the connection that asks.
    private static void awaitReplicated(RedisServer primary, RedisServer replica) {
        await().ignoreExceptions().untilAsserted(() -> {
            for (String name : NAMES) {
                String newest = "HGET sw:{" + name + "} seq";
                assertThat(replica.ask(newest)).isEqualTo(primary.ask(newest)).isNotEmpty();
            }
        });
    }

    private void readAll() {
        for (String name : NAMES) {
            assertThat(witness.reads(node(), name)).as(name).doesNotHaveDuplicates();
        }
    }

    @Test
    void aServerThatKeptAnOlderStateGoesOnInANewGeneration() throws IOException {
        RedisServer redis = start();
        opened = Node.of(redis);
        create();
        Map<String, AppendOutcome> kept = write(UNDER_WAY);
        redis.ask("SAVE");
        write(UNDER_WAY);
        Map<String, Found> before = new LinkedHashMap<>();
        for (String name : NAMES) before.put(name, node().ask().found(name));
        redis.kill();
        redis.start();
        awaitUp();
        for (String name : NAMES) {
            assertThat(node().ask().tail(name).sequence()).isEqualTo(UNDER_WAY);
        }
        write(2 * UNDER_WAY);
        readAll();
        for (String name : NAMES) {
            Found now = node().ask().found(name);
            Offset lost = Objects.requireNonNull(before.get(name)).tail().offset();
            assertThat(now.tail().sequence()).isGreaterThan(lost.sequence());
            assertThat(now.info().lineage().contains(lost)).as(name).isFalse();
            // whoever has read what was lost goes back to where both agree
            assertThat(now.info().lineage().lastCommonWith(lost).sequence()).isEqualTo(UNDER_WAY);
        }
        assertThat(witness.reads(node(), "x"))
                .startsWith(acknowledged(kept, "x").toArray(new String[0]));
    }

    @Test
    void aServerThatKeptNothingHasChannelsMadeAnew() throws IOException {
        RedisServer redis = start();
        opened = Node.of(redis);
        Set<Long> ids = new HashSet<>();
        for (int round = 0; round < 3; round++) {
            create();
            for (String name : NAMES) {
                assertThat(ids.add(node().ask().found(name).info().id())).isTrue();
            }
            write(UNDER_WAY);
            readAll();
            redis.kill();
            redis.start();
            awaitUp();
            for (String name : NAMES) assertThat(node().ask().find(name)).isEqualTo(new FindOutcome.NotFound());
            assertThat(node().ask().names("", "", 10)).isEmpty();
        }
    }

    @Test
    void aKilledServerThatAppendsToItsFileKeepsWhatWasAcknowledged() throws IOException {
        RedisServer redis = start("--appendonly", "yes", "--appendfsync", "no");
        opened = Node.of(redis);
        create();
        Map<String, AppendOutcome> outcomes = new LinkedHashMap<>();
        for (int round = 0; round < 3; round++) {
            // some are under way while it is killed
            CompletableFuture<Map<String, AppendOutcome>> writing = CompletableFuture.supplyAsync(() -> write(2_000));
            int sequence = round * 100;
            await().until(() -> node().ask().find("x") instanceof FindOutcome.Here(Found found)
                    && found.tail().sequence() > sequence);
            redis.kill();
            outcomes.putAll(writing.join());
            redis.start();
            awaitUp();
            readAll();
        }
        outcomes.putAll(write(UNDER_WAY));
        readAll();
        for (String name : List.of("x", "y")) {
            assertThat(witness.reads(node(), name)).containsAll(acknowledged(outcomes, name));
        }
    }

    @Test
    void aReplicaThatMissedTheLastWritesGoesOnInANewGeneration() {
        RedisServer redis = start("--repl-diskless-sync-delay", "0");
        RedisServer other = start();
        other.ask("REPLICAOF 127.0.0.1 " + redis.port());
        opened = Node.of(redis, other);
        create();
        Map<String, AppendOutcome> kept = write(UNDER_WAY);
        awaitReplicated(redis, other);
        other.ask("REPLICAOF 127.0.0.1 1"); // from here on it hears nothing
        Map<String, AppendOutcome> lost = write(UNDER_WAY);
        assertThat(lost.values()).allSatisfy(outcome -> assertThat(outcome).isInstanceOf(AppendOutcome.Appended.class));
        redis.kill();
        assertThat(write(1).values()).containsOnly(new AppendOutcome.Failed(Failure.UNAVAILABLE));
        other.ask("REPLICAOF NO ONE");
        awaitUp();
        Map<String, AppendOutcome> after = write(2 * UNDER_WAY);
        readAll();
        List<String> log = witness.reads(node(), "x");
        assertThat(log).startsWith(acknowledged(kept, "x").toArray(new String[0]));
        assertThat(log).containsAll(acknowledged(after, "x")).doesNotContainAnyElementsOf(acknowledged(lost, "x"));
        assertThat(node().ask().found("x").info().lineage().spans()).isEqualTo(2);
    }

    @Test
    void aPrimaryThatBecameAReplicaIsLeft() {
        RedisServer redis = start("--repl-diskless-sync-delay", "0");
        RedisServer other = start();
        other.ask("REPLICAOF 127.0.0.1 " + redis.port());
        opened = Node.of(redis, other);
        create();
        write(1);
        awaitReplicated(redis, other);
        other.ask("REPLICAOF NO ONE");
        redis.ask("REPLICAOF 127.0.0.1 " + other.port());
        await().untilAsserted(() -> assertThat(write(1).values())
                .allSatisfy(outcome -> assertThat(outcome).isInstanceOf(AppendOutcome.Appended.class)));
        readAll();
        assertThat(other.ask("XLEN sw:{x}:log")).isEqualTo("2");
    }

    @Test
    void aStoppedServerHoldsNobodyUp() {
        RedisServer redis = start();
        opened = Node.of(Node.IMPATIENT, redis);
        create();
        Map<String, AppendOutcome> outcomes = new LinkedHashMap<>(write(UNDER_WAY));
        long id = node().ask().found("x").info().id();
        redis.pause();
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
        while (System.nanoTime() < until) {
            long begun = System.nanoTime();
            List<CompletableFuture<?>> looks = new ArrayList<>();
            CompletableFuture<FindOutcome> found = new CompletableFuture<>();
            CompletableFuture<ReadOutcome> read = new CompletableFuture<>();
            CompletableFuture<CreateOutcome> created = new CompletableFuture<>();
            CompletableFuture<DeleteOutcome> deleted = new CompletableFuture<>();
            CompletableFuture<Listing> listed = new CompletableFuture<>();
            for (int i = 0; i < 100; i++) {
                CompletableFuture<FindOutcome> many = new CompletableFuture<>();
                node().store().find(Node.name("x"), many::complete);
                looks.add(many);
            }
            node().store().find(Node.name("x"), found::complete);
            node().store().read(Node.name("x"), id, 0, 100, read::complete);
            Create create = new Create(Node.name("new"), null, null, false, Asking.payloads(), null, null);
            node().store().create(create, created::complete);
            node().store().delete(Node.name("other"), 1, deleted::complete);
            node().store().list("", "", 10, listed::complete);
            Map<String, AppendOutcome> refused = write(UNDER_WAY);
            outcomes.putAll(refused);
            assertThat(refused.values()).containsOnly(new AppendOutcome.Failed(Failure.UNAVAILABLE));
            assertThat(Asking.await(found)).isEqualTo(new FindOutcome.Failed(Failure.UNAVAILABLE));
            assertThat(Asking.await(read)).isEqualTo(new ReadOutcome.Failed(Failure.UNAVAILABLE));
            assertThat(Asking.await(created)).isEqualTo(new CreateOutcome.Failed(Failure.UNAVAILABLE));
            assertThat(Asking.await(deleted)).isEqualTo(new DeleteOutcome.Failed(Failure.UNAVAILABLE));
            assertThat(Asking.await(listed)).isEqualTo(new Listing.Failed(Failure.UNAVAILABLE));
            looks.forEach(Asking::await);
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
            assertThat(millis).isLessThan(5 * Node.IMPATIENT.toMillis());
            assertThat(node().store().isUp()).isFalse();
        }
        redis.resume();
        awaitUp();
        outcomes.putAll(write(UNDER_WAY));
        readAll();
        List<String> log = witness.reads(node(), "x");
        assertThat(log).containsAll(acknowledged(outcomes, "x")).isSubsetOf(outcomes.keySet());
        assertThat(node().ask().found("x").info().lineage().spans()).isEqualTo(1); // nothing was lost
    }

    @Test
    void aServerWithoutMemoryStillReadsAndDeletes() {
        RedisServer redis = start("--maxmemory-policy", "noeviction");
        opened = Node.of(redis);
        create();
        node().ask().created("large", ContentType.BINARY);
        write(UNDER_WAY);
        redis.ask("CONFIG SET maxmemory 8mb");
        AppendOutcome outcome = node().ask().appended("large", "x".repeat(60_000));
        int stored = 0;
        while (outcome instanceof AppendOutcome.Appended) {
            stored++;
            outcome = Asking.await(node().append("large", "x".repeat(60_000)));
        }
        assertThat(outcome).isEqualTo(new AppendOutcome.Failed(Failure.FULL));
        redis.ask("CONFIG SET maxmemory 6mb"); // a small one might still have fitted in
        assertThat(write(1).values()).containsOnly(new AppendOutcome.Failed(Failure.FULL));
        Create create = new Create(Node.name("new"), null, null, false, Asking.payloads(), null, null);
        assertThat(node().ask().create(create)).isEqualTo(new CreateOutcome.Failed(Failure.FULL));
        assertThat(witness.reads(node(), "large")).hasSize(stored);
        readAll();
        assertThat(node().store().isUp()).isTrue();

        assertThat(node().ask().delete("large")).isEqualTo(new DeleteOutcome.Deleted());
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(write(1).values())
                .allSatisfy(after -> assertThat(after).isInstanceOf(AppendOutcome.Appended.class)));
        readAll();
    }
}
