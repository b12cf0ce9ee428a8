package io.switchboard.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Expiry;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.CreateOutcome;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.FindOutcome;
import io.switchboard.core.store.Found;
import io.switchboard.core.store.ReadOutcome;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.testkit.ManualTicker;
import io.switchboard.testkit.redis.RedisServer;
import io.switchboard.testkit.store.Asking;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept in Redis, and what is not left behind there. */
@Tag("slow")
class RedisKeepingTest {
    @TempDir
    static Path folder;

    private static RedisServer redis;

    private final Keys keys = new Keys("sw");
    private final ManualTicker ticker = new ManualTicker(1_700_000_000_000L);
    private Node node;

    @BeforeAll
    static void startRedis() {
        redis = RedisServer.start(folder);
    }

    @AfterAll
    static void stopRedis() {
        if (redis != null) redis.close();
    }

    @BeforeEach
    void open() {
        redis.ask("FLUSHALL");
        node = opened(StoreLimits.DEFAULT);
    }

    @AfterEach
    void close() {
        node.close();
    }

    private Node opened(StoreLimits limits) {
        RedisStore store = RedisStore.open(
                Node.settings(Duration.ofSeconds(10), redis), Node.POLICIES, limits, ticker, Figures.unseen());
        return new Node(store, new Asking(store));
    }

    private Found create(String name, @Nullable Expiry expiry, Create.@Nullable Fork fork) {
        CreateOutcome outcome =
                node.ask().create(new Create(Node.name(name), null, expiry, false, Asking.payloads("m"), fork, null));
        if (outcome instanceof CreateOutcome.Created(Found found)) return found;
        throw new AssertionError(outcome);
    }

    private static Create.Fork of(String source) {
        return new Create.Fork(Node.name(source), null, 0);
    }

    // However small the blocks are that come first.
    @Test
    void aReadTakesNoMoreThanItAskedForOutOfRedis() {
        Found found = create("a", null, null);
        String large = "x".repeat(60_000);
        for (int i = 0; i < 60; i++) node.ask().appended("a", large);
        long before = sentByRedis();
        ReadOutcome outcome = node.ask().read(found.info().id(), 0, 64 << 10);
        assertThat(outcome).isInstanceOf(ReadOutcome.Messages.class);
        assertThat(((ReadOutcome.Messages) outcome).run().count()).isEqualTo(2);
        assertThat(sentByRedis() - before).isLessThan(200_000);
        assertThat(node.ask().all("a")).hasSize(61).startsWith("m", large).endsWith(large);
    }

    private static long sentByRedis() {
        String told = redis.ask("INFO stats");
        int at = told.indexOf("total_net_output_bytes:") + "total_net_output_bytes:".length();
        return Long.parseLong(told.substring(at, told.indexOf('\r', at)));
    }

    @Test
    void nothingIsLeftOfDeletedChannelsAndForks() {
        create("a", new Expiry.Sliding(100), null);
        create("b", null, of("a"));
        create("c", null, of("b"));
        create("d", null, of("a"));
        node.ask().produced("c", "w", 0, 0, "x");
        for (String name : List.of("a", "b", "d")) node.ask().delete(name);
        assertThat(redis.ask("EXISTS sw:{a} sw:{b} sw:{c} sw:{d}")).isEqualTo("3");
        assertThat(node.ask().names("", "", 10)).containsExactly("c");
        assertThat(node.ask().all("c")).containsExactly("m", "m", "m", "x");
        node.ask().delete("c");
        assertThat(redis.ask("DBSIZE")).isEqualTo("0");
    }

    @Test
    void aForkThatIsRefusedLeavesItsSourceAsItWas() {
        create("a", null, null);
        Create.Fork beyond = new Create.Fork(Node.name("a"), null, 1);
        Create refused = new Create(Node.name("b"), null, null, false, Asking.payloads(), beyond, null);
        assertThat(node.ask().create(refused)).isEqualTo(new CreateOutcome.BadForkPosition());
        Create conflict = new Create(Node.name("a"), null, null, false, Asking.payloads(), of("a"), null);
        assertThat(node.ask().create(conflict)).isInstanceOf(CreateOutcome.Conflict.class);
        node.ask().delete("a");
        assertThat(redis.ask("DBSIZE")).isEqualTo("0");
    }

    @Test
    void whatRetentionTookIsNotKept() {
        node.ask().created("count/a", ContentType.BINARY);
        node.ask().created("bytes/a", ContentType.BINARY);
        for (int i = 0; i < 1_000; i++) {
            node.ask().appended("count/a", "m" + i);
            node.ask().appended("bytes/a", "x".repeat(100));
        }
        assertThat(node.ask().all("count/a")).hasSize(5);
        assertThat(node.ask().all("bytes/a")).hasSize(10);
        // whole nodes of the stream go at once
        assertThat(Long.parseLong(redis.ask("XLEN sw:{count/a}:log"))).isLessThan(200);
        assertThat(Long.parseLong(redis.ask("XLEN sw:{bytes/a}:log"))).isLessThan(200);
    }

    @Test
    void whatIsTooOldGoesFromQuietChannelsTooWhenTheyAreSwept() {
        for (String name : List.of("age/a", "age/b", "plain")) {
            create(name, null, null);
            for (int i = 0; i < 100; i++) node.ask().appended(name, "x".repeat(1_000));
        }
        create("age/fork", null, of("age/a"));
        ticker.advance(50_000);
        node.ask().appended("age/a", "newer");
        ticker.advance(20_000);
        assertThat(node.ask().all("age/a")).containsExactly("newer");
        assertThat(redis.ask("HGET sw:{age/b} start")).isEqualTo("0");
        node.store().sweep(2); // and goes on from there
        node.store().sweep(2);
        org.awaitility.Awaitility.await().untilAsserted(() -> {
            assertThat(redis.ask("HGET sw:{age/b} start")).isEqualTo("100");
            assertThat(redis.ask("XLEN sw:{age/b}:log")).isEqualTo("1");
        });
        assertThat(redis.ask("XLEN sw:{plain}:log")).isEqualTo("101");
        assertThat(redis.ask("XLEN sw:{age/a}:log")).isEqualTo("102"); // for its fork
        assertThat(node.ask().all("age/fork")).containsExactly("m");
    }

    @Test
    void aForkWithRetentionLetsGoOfWhatItInherited() {
        node.ask().created("bytes/a", ContentType.BINARY);
        for (int i = 0; i < 9; i++) node.ask().appended("bytes/a", "x".repeat(100));
        create("bytes/f", null, of("bytes/a"));
        assertThat(node.ask().tail("bytes/f").start()).isEqualTo(0);
        node.ask().appended("bytes/f", "y".repeat(200));
        assertThat(node.ask().tail("bytes/f").start()).isEqualTo(1); // of the inherited ones only what must go
        for (int i = 0; i < 20; i++) node.ask().appended("bytes/f", "y".repeat(100));
        assertThat(node.ask().all("bytes/f")).hasSize(10).allMatch(message -> message.startsWith("y"));
    }

    @Test
    void namesThatAreNotThereAreNeitherListedNorKept() {
        create("a", null, null);
        redis.ask("ZADD " + Keys.text(keys.names(Keys.part(Node.name("ghost")))) + " 0 ghost");
        redis.ask("ZADD " + Keys.text(keys.names(Keys.part(Node.name("another")))) + " 0 another");
        assertThat(node.ask().names("", "", 1)).containsExactly("a");
        assertThat(node.ask().names("", "", 10)).containsExactly("a");
        assertThat(redis.ask("DBSIZE"))
                .as("a channel's three, and its part of the names")
                .isEqualTo("4");
    }

    @Test
    void aDeadlineIsThatOfTheChannelWhateverTheOrderSays() {
        long now = ticker.nowMillis();
        create("later", new Expiry.Sliding(100), null);
        create("soon", new Expiry.Sliding(10), null);
        String ofLater = Keys.text(keys.deadlines(Keys.part(Node.name("later"))));
        String ofGhost = Keys.text(keys.deadlines(Keys.part(Node.name("ghost"))));
        redis.ask("ZADD " + ofLater + " 5 later");
        redis.ask("ZADD " + ofGhost + " 6 ghost");
        assertThat(node.ask().expired(now + 10_000, 1)).containsExactly("soon");
        assertThat(redis.ask("ZSCORE " + ofLater + " later")).isEqualTo(Long.toString(now + 100_000));
        assertThat(redis.ask("EXISTS " + ofGhost)).isEqualTo("0");
        assertThat(node.ask().expired(now + 100_000, 10)).containsExactly("soon", "later");
        node.store().touch(Node.name("soon"), node.ask().found("soon").info().id(), Long.MAX_VALUE);
        node.ask().appended("soon", "so that the touch has happened");
        assertThat(node.ask().expired(Long.MAX_VALUE, 10)).containsExactly("later");
    }

    @Test
    void scriptsThatRedisForgotAreSentAgain() {
        create("a", null, null);
        redis.ask("SCRIPT FLUSH");
        node.ask().appended("a", "n");
        assertThat(node.ask().all("a")).containsExactly("m", "n");
    }

    @Test
    void damageIsToldAndHarmsNobodyElse() {
        long id = create("a", null, null).info().id();
        create("b", null, null);
        redis.ask("HSET sw:{a} about broken");
        assertThat(node.ask().find("a")).isEqualTo(new FindOutcome.Failed(Failure.DAMAGED));
        assertThat(node.ask().read(id, 0, 100)).isEqualTo(new ReadOutcome.Failed(Failure.DAMAGED));
        redis.ask("XADD sw:{b}:log 2-0 b broken");
        redis.ask("HSET sw:{b} seq 2 bytes 7");
        assertThat(node.ask().read(node.ask().found("b").info().id(), 1, 100))
                .isEqualTo(new ReadOutcome.Failed(Failure.DAMAGED));
        create("c", null, null);
        assertThat(node.ask().all("c")).containsExactly("m");
    }

    @Test
    void whoeverHandsInMoreThanTheLimitIsToldSo() {
        node.close();
        node = opened(new StoreLimits(10, 1_000, 100, 1_000, 10, 10, 10));
        node.ask().created("a", ContentType.BINARY);
        redis.pause();
        List<CompletableFuture<AppendOutcome>> answers = new ArrayList<>();
        try {
            for (int i = 0; i < 11; i++) answers.add(node.append("a", "m" + i));
            assertThat(answers.get(10)).isCompletedWithValue(new AppendOutcome.Failed(Failure.BUSY));
        } finally {
            redis.resume();
        }
        for (int i = 0; i < 10; i++) assertThat(Asking.await(answers.get(i))).isNotNull();
        assertThat(Asking.await(node.append("a", "x".repeat(1_001)))).isEqualTo(new AppendOutcome.Failed(Failure.BUSY));
    }

    @Test
    void answersForOneLoopComeToItTogetherAndInOrder() {
        create("a", null, null);
        List<Runnable> handedOver = java.util.Collections.synchronizedList(new ArrayList<>());
        List<Integer> order = java.util.Collections.synchronizedList(new ArrayList<>());
        CountDownLatch all = new CountDownLatch(100);
        Executor loop = handedOver::add;
        for (int i = 0; i < 100; i++) {
            int number = i;
            node.store().append(Asking.plain("a", "m"), loop, outcome -> {
                order.add(number);
                all.countDown();
            });
        }
        int[] tasks = {0};
        org.awaitility.Awaitility.await().until(() -> {
            for (; !handedOver.isEmpty(); tasks[0]++) handedOver.removeFirst().run();
            return all.getCount() == 0;
        });
        assertThat(order).isSorted().hasSize(100);
        assertThat(tasks[0]).isLessThan(10);
        assertThat(Long.parseLong(redis.ask("XLEN sw:{a}:log"))).isLessThan(10);
    }
}
