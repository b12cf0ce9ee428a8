package io.switchboard.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.presence.Elsewhere;
import io.switchboard.core.presence.Elsewhere.Part;
import io.switchboard.core.presence.Elsewhere.Sight;
import io.switchboard.core.presence.Elsewhere.Step;
import io.switchboard.core.presence.Elsewhere.Told;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.testkit.redis.RedisServer;
import io.switchboard.testkit.store.Asking;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What two nodes lay down and call out, by a user that may do what the document says and no more. */
@Tag("slow")
class RedisElsewhereTest {
    private static final String SECRET = "open-sesame";
    private static final ChannelName ROOM = new ChannelName("chat/room");
    private static final String PARTS = "sw:{chat/room}:here";

    @TempDir
    static Path folder;

    private static RedisServer redis;
    private static Node first;
    private static Node second;

    private Elsewhere a;
    private RedisElsewhere b;
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>(); // by b

    @BeforeAll
    static void startRedis() throws IOException {
        redis = RedisServer.start(folder);
        assertThat(redis.ask(OpeningTest.accessList(SECRET))).isEqualTo("OK");
        first = node();
        second = node();
    }

    @AfterAll
    static void stopRedis() {
        if (first != null) first.close();
        if (second != null) second.close();
        if (redis != null) redis.close();
    }

    @BeforeEach
    void open() {
        redis.ask("FLUSHALL");
        a = first.store().elsewhere("a");
        a.start(new Elsewhere.Hearer() {
            @Override
            public void called(ChannelName channel, String node, Step step) {}

            @Override
            public void missed(ChannelName channel) {}
        });
        b = (RedisElsewhere) second.store().elsewhere("b");
        b.start(new Elsewhere.Hearer() {
            @Override
            public void called(ChannelName channel, String node, Step step) {
                heard.add(channel + " " + node + " " + step.before() + ">" + step.after() + " +" + step.joined() + " -"
                        + step.left());
            }

            @Override
            public void missed(ChannelName channel) {
                heard.add("missed " + channel);
            }
        });
    }

    private static Node node() {
        Duration patient = Duration.ofSeconds(10);
        RedisSettings settings =
                new RedisSettings(List.of(redis.uri()), null, "switchboard", SECRET, null, "sw", patient, patient, 0);
        RedisStore store = RedisStore.open(settings, Node.POLICIES, StoreLimits.DEFAULT, Figures.unseen());
        return new Node(store, new Asking(store));
    }

    @AfterEach
    void close() {
        if (a != null) a.close();
        if (b != null) b.close();
    }

    private static Told tell(Elsewhere node, long before, long after, List<String> joined, List<String> left) {
        CompletableFuture<Told> told = new CompletableFuture<>();
        node.tell(ROOM, new Step(before, after, joined, left), told::complete);
        return told.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private static Sight look(Elsewhere node, Map<String, Long> known) {
        CompletableFuture<Sight> seen = new CompletableFuture<>();
        node.look(ROOM, known, sight -> seen.complete(Objects.requireNonNull(sight)));
        return seen.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private String next() throws InterruptedException {
        String next = heard.poll(10, TimeUnit.SECONDS);
        if (next == null) throw new AssertionError("nothing is heard");
        return next;
    }

    private void follow() throws InterruptedException {
        b.follow(ROOM);
        assertThat(next()).isEqualTo("missed chat/room"); // from now on
    }

    @Test
    void stepsAreLaidDownAndCalledOut() throws InterruptedException {
        follow();
        assertThat(tell(a, 0, 4, List.of("ann", "bob"), List.of())).isEqualTo(Told.DONE);
        assertThat(next()).isEqualTo("chat/room a 0>4 +[ann, bob] -[]");
        assertThat(tell(a, 4, 9, List.of("zoë ❤"), List.of("ann"))).isEqualTo(Told.DONE);
        assertThat(next()).isEqualTo("chat/room a 4>9 +[zoë ❤] -[ann]");

        Sight all = look(b, Map.of());
        assertThat(all.own()).isZero();
        Part part = all.parts().getFirst();
        assertThat(part.node() + part.number()).isEqualTo("a9");
        assertThat(part.members()).containsExactlyInAnyOrder("bob", "zoë ❤");
        assertThat(look(b, Map.of("a", 9L)).parts()).containsExactly(new Part("a", 9, null));
        Sight own = look(a, Map.of());
        assertThat(own.own()).isEqualTo(9);
        assertThat(own.parts()).isEmpty();
    }

    @Test
    void aStepThatDoesNotFitChangesNothing() throws InterruptedException {
        follow();
        assertThat(tell(a, 3, 4, List.of("ann"), List.of()))
                .as("nothing is there")
                .isEqualTo(Told.REFUSED);
        tell(a, 0, 5, List.of("ann"), List.of());
        next();
        assertThat(tell(a, 4, 6, List.of("bob"), List.of())).isEqualTo(Told.REFUSED);
        assertThat(tell(a, 0, 5, List.of("bob"), List.of())).as("late").isEqualTo(Told.REFUSED);
        redis.ask("DEL " + PARTS + ":a");
        assertThat(tell(a, 5, 6, List.of("bob"), List.of()))
                .as("its members are lost")
                .isEqualTo(Told.REFUSED);
        assertThat(look(a, Map.of()).own()).as("so it is nothing").isZero();
        assertThat(tell(a, 0, 7, List.of("ann"), List.of())).isEqualTo(Told.DONE);
        assertThat(next()).isEqualTo("chat/room a 0>7 +[ann] -[]");
    }

    @Test
    void aPartWithoutMembersIsGoneAndSoIsOneWhoseTimeIsOver() {
        tell(a, 0, 1, List.of("ann"), List.of());
        tell(b, 0, 1, List.of("ann"), List.of());
        for (String key : List.of(PARTS, PARTS + ":a")) {
            assertThat(Long.parseLong(redis.ask("PTTL " + key))).isBetween(60_000L, 90_000L);
        }
        redis.ask("PEXPIRE " + PARTS + ":a 1000");
        look(a, Map.of());
        assertThat(Long.parseLong(redis.ask("PTTL " + PARTS + ":a")))
                .as("kept by its own node")
                .isGreaterThan(60_000);
        redis.ask("HSET " + PARTS + " c 12:1000000");
        assertThat(look(a, Map.of()).parts()).extracting(Part::node).containsExactly("b");
        assertThat(redis.ask("HEXISTS " + PARTS + " c")).isEqualTo("0");
        tell(a, 1, 2, List.of(), List.of("ann"));
        assertThat(redis.ask("EXISTS " + PARTS + ":a")).isEqualTo("0");
        assertThat(look(b, Map.of()).parts()).isEmpty();
        tell(b, 0, 2, List.of(), List.of());
        await().until(() -> redis.ask("KEYS *here*").isEmpty());
    }

    /** Whoever wrote it there: others are seen all the same, and the node whose part it is lays its own down anew. */
    @Test
    void aPartThatCannotBeReadHidesNobodyElse() {
        tell(a, 0, 1, List.of("ann"), List.of());
        String soon = "1".repeat(13);
        for (String broken :
                List.of("7", ":", "x:9" + soon, "7:x", "7:-1", "9".repeat(20) + ":9" + soon, "7:" + "9".repeat(400))) {
            redis.ask("HSET " + PARTS + " c " + broken);
            assertThat(look(b, Map.of()).parts())
                    .as(broken)
                    .extracting(Part::node)
                    .containsExactly("a");
            assertThat(redis.ask("HEXISTS " + PARTS + " c")).isEqualTo("0");
        }
        redis.ask("HSET " + PARTS + " a broken");
        assertThat(look(a, Map.of()).own()).as("its own").isZero();
        assertThat(tell(a, 0, 2, List.of("ann"), List.of())).isEqualTo(Told.DONE);
        redis.ask("HSET " + PARTS + " a broken");
        assertThat(tell(a, 2, 3, List.of("bob"), List.of())).isEqualTo(Told.REFUSED);
        assertThat(tell(a, 0, 4, List.of("ann", "bob"), List.of())).isEqualTo(Told.DONE);
    }

    @Test
    void membersThatCannotBeReadHideNobodyElse() {
        tell(a, 0, 1, List.of("ann"), List.of());
        redis.ask("HSET " + PARTS + " c 7:9999999999999");
        redis.ask("SET " + PARTS + ":c broken");
        Map<String, List<String>> seen = new HashMap<>();
        for (Part part : look(b, Map.of()).parts()) seen.put(part.node(), Objects.requireNonNull(part.members()));
        assertThat(seen).isEqualTo(Map.of("a", List.of("ann"), "c", List.of()));
        assertThat(redis.ask("EXISTS " + PARTS + ":c"))
                .as("so its node misses it")
                .isEqualTo("0");
    }

    @Test
    void whoIsNoMoreIsForgottenButNotIfItCameBack() {
        tell(a, 0, 1, List.of("ann"), List.of());
        tell(a, 1, 2, List.of("bob"), List.of());
        b.forget(ROOM, "a", 1);
        assertThat(look(b, Map.of()).parts()).extracting(Part::number).containsExactly(2L);
        b.forget(ROOM, "a", 2);
        await().until(() -> redis.ask("KEYS *here*").isEmpty());
    }

    @Test
    void aLargePartIsOneStepThatSendsPeopleToLook() throws InterruptedException {
        follow();
        List<String> crowd =
                IntStream.range(0, 20_000).mapToObj(i -> "somebody-" + i).toList();
        assertThat(tell(a, 0, 1, crowd, List.of())).isEqualTo(Told.DONE);
        assertThat(next()).isEqualTo("missed chat/room");
        List<String> shown =
                Objects.requireNonNull(look(b, Map.of()).parts().getFirst().members());
        assertThat(shown).hasSameSizeAs(crowd);
        assertThat(new HashSet<>(shown)).isEqualTo(new HashSet<>(crowd));
        assertThat(tell(a, 1, 2, List.of(), crowd.subList(0, 19_999))).isEqualTo(Told.DONE);
        assertThat(next()).isEqualTo("missed chat/room");
        assertThat(look(b, Map.of()).parts().getFirst().members()).containsExactly("somebody-19999");
    }

    @Test
    void whatMayHaveBeenMissedIsTold() throws InterruptedException {
        follow();
        redis.ask("CLIENT KILL TYPE pubsub");
        assertThat(next()).isEqualTo("missed chat/room");
        tell(a, 0, 1, List.of("ann"), List.of());
        assertThat(next()).startsWith("chat/room a 0>1");
        redis.ask("SPUBLISH " + PARTS + " nonsense");
        assertThat(next()).isEqualTo("missed chat/room");
        assertThat(b.garbled()).isEqualTo(1);
        b.unfollow(ROOM);
        await().until(() -> redis.ask("PUBSUB SHARDCHANNELS").isEmpty());
    }

    @Test
    void aCallIsReadOnlyIfItIsOne() {
        Step step = new Step(3, 4, List.of("ann", "bob"), List.of("cid"));
        byte[] bytes = new PresenceCall("a", step).bytes();
        assertThat(PresenceCall.of(bytes)).isEqualTo(new PresenceCall("a", step));
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            try {
                assertThat(PresenceCall.of(cut)).as("%d bytes", length).isNotEqualTo(new PresenceCall("a", step));
            } catch (IllegalArgumentException expected) {
                assertThat(length).isLessThan(bytes.length);
            }
        }
        byte[] many = bytes.clone();
        many[1 + 2 + 1 + 8 + 8] = 0x7f; // so many joined
        assertThatThrownBy(() -> PresenceCall.of(many)).isInstanceOf(IllegalArgumentException.class);
        String longest = "x".repeat(PresenceCall.BYTES_MAX);
        PresenceCall large = new PresenceCall("a", new Step(0, 1, List.of(longest), List.of()));
        assertThat(PresenceCall.of(large.bytes())).isEqualTo(new PresenceCall("a", null));
        assertThatThrownBy(() -> PresenceCall.of("nonsense".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
