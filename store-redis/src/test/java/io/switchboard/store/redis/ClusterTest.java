package io.switchboard.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.cluster.SlotHash;
import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Producer;
import io.switchboard.core.relay.Relay;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.FindOutcome;
import io.switchboard.testkit.redis.RedisCluster;
import io.switchboard.testkit.redis.RedisServer;
import io.switchboard.testkit.store.Asking;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Slots that move while channels in them are read and written, by a user who may do what the document says and no more. */
@Tag("slow")
@ResourceLock(Ground.CLUSTER)
class ClusterTest {
    private static final String SECRET = "open-sesame";
    private static final int MOVES = 6;

    private static RedisCluster cluster;

    private final Witness witness = new Witness();
    private final Hearing hearing = new Hearing();
    private Node a;
    private Node b;
    private Relay relay;

    @BeforeAll
    static void startCluster() throws IOException {
        cluster = RedisCluster.shared();
        for (RedisServer server : cluster.servers()) server.ask(OpeningTest.accessList(SECRET));
    }

    @BeforeEach
    void open() {
        cluster.flush();
        a = node();
        b = node();
        relay = b.store().relay();
        relay.start(hearing);
    }

    @AfterEach
    void close() {
        if (relay != null) relay.close();
        if (a != null) a.close();
        if (b != null) b.close();
    }

    private static Node node() {
        Duration timeout = Duration.ofSeconds(2);
        List<String> uris = cluster.servers().stream().map(RedisServer::uri).toList();
        return Node.of(new RedisSettings(uris, null, "switchboard", SECRET, null, "sw", timeout, timeout, 0));
    }

    private static Append produced(String name, long sequence, String message) {
        return new Append(
                Node.name(name),
                ContentType.BINARY,
                Asking.payloads(message),
                false,
                new Producer("w", 0, sequence),
                null,
                null);
    }

    // Another primary than the one that keeps this key.
    private static RedisServer otherThan(RedisServer owner) {
        return cluster.servers().stream()
                .filter(server -> !server.equals(owner))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void atEachStepOfAMoveChannelsAreReadAndWrittenAndCallsHeard() throws InterruptedException {
        long id = a.ask().created("x", ContentType.BINARY).info().id();
        relay.follow(Node.name("x"));
        hearing.hears("x");
        RedisServer to = otherThan(cluster.owner("sw:{x}"));
        int slot = cluster.slot("sw:{x}");
        String[] keys = {"sw:{x}", "sw:{x}:log", "sw:{x}:producers"};

        a.ask().produced("x", "w", 0, 0, "m1");
        hearing.hearsCall("x");

        cluster.openSlot(slot, to); // all that there is of the channel is where it was
        a.ask().produced("x", "w", 0, 1, "m2");
        hearing.hearsCall("x");

        cluster.carry(slot, to, keys[1]); // now it is in two places
        CompletableFuture<AppendOutcome> torn = a.append(produced("x", 2, "m3"));
        assertThat(b.ask().found("x").tail().sequence()).isEqualTo(2);
        assertThat(witness.reads(b, "x")).containsExactly("m1", "m2");
        assertThat(torn).isNotDone();
        cluster.carry(slot, to, keys[0], keys[2]);
        assertThat(Asking.await(torn)).isInstanceOf(AppendOutcome.Appended.class);
        hearing.hears("x"); // published where nobody listens yet, and called where they do

        a.ask().produced("x", "w", 0, 3, "m4"); // its slot is not there yet, but it is
        hearing.hears("x");
        assertThat(witness.reads(b, "x")).containsExactly("m1", "m2", "m3", "m4");

        cluster.closeSlot(slot, to);
        hearing.hears("x"); // from the other server from now on
        a.ask().produced("x", "w", 0, 4, "m5");
        hearing.hearsAtLast("x", 5);
        assertThat(witness.reads(b, "x")).containsExactly("m1", "m2", "m3", "m4", "m5");
        assertThat(a.ask().found("x").info().id()).isEqualTo(id);
        assertThat(to.ask("XLEN sw:{x}:log")).isEqualTo("5");
        assertThat(to.ask("PUBSUB SHARDCHANNELS")).isEqualTo("sw:{x}");
    }

    @Test
    void aSlotThatIsOpenDelaysNothingButWhatIsNotThereYet() {
        a.ask().created("x", ContentType.BINARY);
        a.ask().created("x/source", ContentType.BINARY, "m");
        int slot = cluster.slot("sw:{x}");
        RedisServer to = otherThan(cluster.owner("sw:{x}"));
        String sibling = sibling(slot);
        cluster.openSlot(slot, to);
        CompletableFuture<AppendOutcome> absent = a.append(sibling, "m");
        assertThat(a.ask().find(sibling)).isEqualTo(new FindOutcome.NotFound());
        a.ask().appended("x", "m");
        assertThat(a.ask().names("", "", 10)).containsExactly("x", "x/source");
        assertThat(Asking.await(absent)).isEqualTo(new AppendOutcome.Failed(Failure.UNAVAILABLE));
        cluster.carryAll(slot, to);
        cluster.closeSlot(slot, to);
        a.ask().created(sibling, ContentType.BINARY, "m");
        assertThat(b.ask().names("", "", 10)).contains(sibling);
    }

    // Another name whose slot this is.
    private static String sibling(int slot) {
        return IntStream.range(0, Integer.MAX_VALUE)
                .mapToObj(i -> "n" + i)
                .filter(name -> SlotHash.getSlot(name) == slot)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void nothingIsLostOrDoubledWhileASlotMovesAgainAndAgain() throws InterruptedException {
        a.ask().created("x", ContentType.BINARY);
        relay.follow(Node.name("x"));
        hearing.hears("x");
        CompletableFuture<Void> over = new CompletableFuture<>();
        CompletableFuture<List<String>> written = CompletableFuture.supplyAsync(() -> writeUntil(over));
        CompletableFuture<Integer> looks = CompletableFuture.supplyAsync(() -> readUntil(over));
        int slot = cluster.slot("sw:{x}");
        long heard = 0;
        try {
            for (int i = 0; i < MOVES; i++) {
                RedisServer to = cluster.servers().get((i + 1) % 3);
                if (to.equals(cluster.owner("sw:{x}"))) continue;
                cluster.openSlot(slot, to);
                cluster.carryAll(slot, to);
                cluster.closeSlot(slot, to);
                // calls are heard from there
                long before = heard;
                Hearing.Heard next = hearing.next();
                while (next.tail() == null || next.tail().sequence() <= before + 5) next = hearing.next();
                heard = next.tail().sequence();
            }
        } finally {
            over.complete(null);
        }
        List<String> messages = written.join();
        assertThat(messages).hasSizeGreaterThan(50);
        assertThat(looks.join()).isPositive();
        assertThat(witness.reads(b, "x")).isEqualTo(messages);
    }

    // As a producer does: what was not answered is sent again.
    private List<String> writeUntil(CompletableFuture<Void> over) {
        List<String> messages = new ArrayList<>();
        while (!over.isDone()) {
            int sequence = messages.size();
            String message = "m" + sequence;
            AppendOutcome outcome = Asking.await((sequence % 2 == 0 ? a : b).append(produced("x", sequence, message)));
            witness.saw("x", message, outcome);
            switch (outcome) {
                case AppendOutcome.Appended appended -> messages.add(message);
                case AppendOutcome.Duplicate duplicate -> messages.add(message);
                case AppendOutcome.Failed(Failure failure) ->
                    assertThat(failure).isEqualTo(Failure.UNAVAILABLE);
                default -> throw new AssertionError(outcome);
            }
        }
        return messages;
    }

    private int readUntil(CompletableFuture<Void> over) {
        int looks = 0;
        List<String> last = List.of();
        for (; !over.isDone(); looks++) {
            List<String> now = witness.reads(b, "x");
            assertThat(now).hasSizeGreaterThanOrEqualTo(last.size());
            assertThat(now.subList(0, last.size())).isEqualTo(last);
            last = now;
        }
        return looks;
    }
}
