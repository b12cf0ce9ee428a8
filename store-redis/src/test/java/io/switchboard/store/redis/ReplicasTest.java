package io.switchboard.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.core.channel.ChannelPattern;
import io.switchboard.core.channel.ChannelPolicy;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Durability;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Retention;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.CreateOutcome;
import io.switchboard.core.store.DeleteOutcome;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.testkit.redis.RedisCluster;
import io.switchboard.testkit.redis.RedisServer;
import io.switchboard.testkit.store.Asking;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A primary whose replica has to have what is acknowledged. */
@Tag("slow")
class ReplicasTest {
    private static final AppendOutcome UNCONFIRMED = new AppendOutcome.Failed(Failure.UNAVAILABLE);
    private static final Policies POLICIES = new Policies(
            List.of(new Policies.Rule(
                    new ChannelPattern("memory/**"),
                    new ChannelPolicy(Durability.MEMORY, Retention.FOREVER, ChannelPolicy.Creation.EXPLICIT))),
            ChannelPolicy.DEFAULT);

    @TempDir
    Path folder;

    private RedisServer primary;
    private RedisServer replica;
    private Node node;

    @BeforeEach
    void open() {
        primary = RedisServer.start(folder, "--repl-diskless-sync-delay", "0");
        replica = RedisServer.start(folder);
        replica.replicate(primary);
        node = node(Node.settings(Node.IMPATIENT, primary).waitingFor(1));
    }

    @AfterEach
    void close() {
        if (node != null) node.close();
        if (replica != null) replica.close();
        if (primary != null) primary.close();
    }

    private static Node node(RedisSettings settings) {
        RedisStore store = RedisStore.open(settings, POLICIES, StoreLimits.DEFAULT, Figures.unseen());
        return new Node(store, new Asking(store));
    }

    private static CreateOutcome created(Node by, String name) {
        return by.ask().create(new Create(Node.name(name), null, null, false, Asking.payloads(), null, null));
    }

    @Test
    void whatIsAcknowledgedIsAtTheReplica() {
        node.ask().created("x", ContentType.BINARY);
        List<CompletableFuture<AppendOutcome>> many = new ArrayList<>();
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 10; i++) many.add(node.append("x", "m"));
            long sequence = node.ask().appended("x", "m").offset().sequence();
            assertThat(Long.parseLong(replica.ask("HGET sw:{x} seq"))).isGreaterThanOrEqualTo(sequence);
        }
        List<Long> sequences = new ArrayList<>();
        for (CompletableFuture<AppendOutcome> each : many) {
            sequences.add(((AppendOutcome.Appended) Asking.await(each)).offset().sequence());
        }
        assertThat(sequences).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void withoutAReplicaNothingIsAcknowledgedAndARepetitionFindsItThere() {
        node.ask().created("x", ContentType.BINARY);
        node.ask().created("memory/x", ContentType.BINARY);
        node.ask().produced("x", "w", 0, 0, "before");
        replica.pause();
        long begun = System.nanoTime();
        CompletableFuture<AppendOutcome> plain = node.append("x", "plain");
        assertThat(node.ask().produced("x", "w", 0, 1, "after")).isEqualTo(UNCONFIRMED);
        assertThat(Asking.await(plain)).isEqualTo(UNCONFIRMED);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Node.IMPATIENT.multipliedBy(2));
        assertThat(node.ask().all("x")).as("but it is stored").containsExactly("before", "plain", "after");
        assertThat(node.ask().produced("x", "w", 0, 1, "after"))
                .as("a duplicate of what is not confirmed")
                .isEqualTo(UNCONFIRMED);
        assertThat(node.ask().produced("x", "w", 0, 7, "too far"))
                .as("a refusal")
                .isEqualTo(new AppendOutcome.SequenceGap(2, 7));
        node.ask().appended("memory/x", "nobody waits for these");
        assertThat(created(node, "y")).isEqualTo(new CreateOutcome.Failed(Failure.UNAVAILABLE));
        assertThat(created(node, "y")).as("again").isEqualTo(new CreateOutcome.Failed(Failure.UNAVAILABLE));
        assertThat(node.ask().delete("memory/x")).isEqualTo(new DeleteOutcome.Deleted());
        assertThat(node.store().isUp()).isTrue();

        replica.resume();
        await().until(() -> node.ask().produced("x", "w", 0, 1, "after") instanceof AppendOutcome.Duplicate);
        assertThat(replica.ask("HGET sw:{x} seq")).isEqualTo("3");
        assertThat(created(node, "y")).isInstanceOf(CreateOutcome.Existed.class);
        assertThat(node.ask().delete("y")).isEqualTo(new DeleteOutcome.Deleted());
        assertThat(replica.ask("EXISTS sw:{y}")).isEqualTo("0");
    }

    @Test
    void withoutMemoryADeletionIsConfirmedStill() {
        node.ask().created("x", ContentType.BINARY);
        primary.ask("CONFIG SET maxmemory 1");
        assertThat(Asking.await(node.append("x", "m"))).isEqualTo(new AppendOutcome.Failed(Failure.FULL));
        assertThat(node.ask().delete("x")).isEqualTo(new DeleteOutcome.Deleted());
        assertThat(replica.ask("EXISTS sw:{x}")).isEqualTo("0");
    }

    @Test
    void aPrimaryThatIsSilentFailsWhatWaits() {
        node.ask().created("x", ContentType.BINARY);
        replica.pause();
        CompletableFuture<AppendOutcome> waiting = node.append("x", "m");
        await().until(() -> primary.ask("HGET sw:{x} seq").equals("1"));
        primary.pause();
        assertThat(Asking.await(waiting)).isEqualTo(UNCONFIRMED);
        primary.resume();
        replica.resume();
        await().until(() -> Asking.await(node.append("x", "again")) instanceof AppendOutcome.Appended);
    }

    /** Each mark is where its server may write it, also while slots move. */
    @Test
    void inAClusterEachPrimaryIsAskedAboutItsOwn() {
        try (RedisCluster cluster = RedisCluster.start(folder, 2)) {
            List<RedisServer> primaries = cluster.servers();
            List<RedisServer> replicas =
                    primaries.stream().map(cluster::addReplica).toList();
            try (Node nodes =
                    node(Node.settings(Node.PATIENT, primaries.getFirst()).waitingFor(1))) {
                for (String name : List.of("a", "b", "c", "d")) {
                    nodes.ask().created(name, ContentType.BINARY);
                    nodes.ask().appended(name, "m");
                    int of = primaries.indexOf(cluster.owner("sw:{" + name + "}"));
                    assertThat(replicas.get(of).ask("DBSIZE"))
                            .isEqualTo(primaries.get(of).ask("DBSIZE"));
                }
                for (RedisServer from : primaries) {
                    RedisServer to = primaries.get(1 - primaries.indexOf(from));
                    assertThat(marks(from)).isNotEmpty();
                    for (String mark : marks(from)) {
                        int slot = cluster.slot(mark);
                        cluster.openSlot(slot, to);
                        cluster.carryAll(slot, to);
                        for (String name : List.of("a", "b", "c", "d"))
                            nodes.ask().appended(name, "m");
                        cluster.closeSlot(slot, to);
                        for (String name : List.of("a", "b", "c", "d"))
                            nodes.ask().appended(name, "m");
                    }
                }
            }
        }
    }

    private static List<String> marks(RedisServer server) {
        List<String> marks = new ArrayList<>();
        for (int number = 0; number < 20; number++) {
            String mark = "sw:replicated:" + number;
            try {
                if (server.ask("EXISTS " + mark).equals("1")) marks.add(mark);
            } catch (UncheckedIOException moved) {
                // it is another server's
            }
        }
        return marks;
    }
}
