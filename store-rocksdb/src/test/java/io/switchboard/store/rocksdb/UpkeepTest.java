package io.switchboard.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelPattern;
import io.switchboard.core.channel.ChannelPolicy;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Durability;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Retention;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Found;
import io.switchboard.core.store.Store;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.testkit.store.Asking;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksIterator;

/** Sealing, trimming and clearing away, seen in the rows that are left. */
class UpkeepTest {
    private static final Policies POLICIES = new Policies(
            List.of(new Policies.Rule(
                    new ChannelPattern("count/*"),
                    new ChannelPolicy(
                            Durability.OS,
                            new Retention(100, Retention.UNLIMITED, Retention.UNLIMITED),
                            ChannelPolicy.Creation.EXPLICIT))),
            ChannelPolicy.DEFAULT);

    @TempDir
    Path folder;

    private Store store;
    private Asking ask;

    @BeforeEach
    void open() {
        store = RocksStore.open(folder, POLICIES, StoreLimits.DEFAULT, System::currentTimeMillis);
        ask = new Asking(store);
    }

    @AfterEach
    void close() {
        store.close();
    }

    /** How many rows of a kind a channel has; the store is closed for that, and opened again. */
    private int rows(byte kind, long channelId) throws Exception {
        store.close();
        int rows;
        try (Database database = new Database(folder.resolve("data"), false)) {
            rows = database.read("counting", db -> {
                int counted = 0;
                try (RocksIterator iterator = db.newIterator(database.reads)) {
                    for (iterator.seek(Keys.id(kind, channelId));
                            iterator.isValid() && Keys.is(iterator.key(), kind, channelId);
                            iterator.next()) counted++;
                }
                return counted;
            });
        }
        open();
        return rows;
    }

    private void untilRows(byte kind, long channelId, int most) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> rows(kind, channelId) <= most);
    }

    @Test
    void aSmallChannelIsNeverSealed() throws Exception {
        long id = ask.created("small", ContentType.BINARY).info().id();
        for (int i = 0; i < 20; i++) ask.appended("small", "m" + i);
        assertThat(rows(Keys.HOT, id)).isEqualTo(20);
        assertThat(rows(Keys.SEALED, id)).isZero();
        assertThat(ask.all("small")).hasSize(20);
    }

    @Test
    void manySmallBlocksBecomeFewLargeOnes() throws Exception {
        long id = ask.created("large", ContentType.BINARY).info().id();
        List<String> messages = new ArrayList<>();
        // what a close cuts short is done when the channel has grown by as much again
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            for (int i = 0; i < 700; i++) {
                messages.add("m" + messages.size() + "x".repeat(1_000));
                ask.appended("large", messages.getLast());
            }
            return rows(Keys.HOT, id) <= 140;
        });
        int bytes = messages.size() * 1_000;
        assertThat(rows(Keys.SEALED, id)).isBetween(bytes / Block.TARGET_BYTES / 2, bytes / (Block.TARGET_BYTES / 2));
        assertThat(ask.all("large")).isEqualTo(messages);
        Found found = ask.found("large");
        assertThat(ask.all(found.info().id(), 321, 5_000)).isEqualTo(messages.subList(321, messages.size()));
    }

    @Test
    void whatRetentionTrimsIsDeletedInTheEnd() throws Exception {
        long id = ask.created("count/a", ContentType.BINARY).info().id();
        for (int i = 0; i < 1_000; i++) ask.appended("count/a", "m" + i + "x".repeat(1_000));
        untilRows(Keys.HOT, id, 300);
        untilRows(Keys.SEALED, id, 7);
        assertThat(ask.all("count/a")).hasSize(100).first().asString().startsWith("m900");
    }

    @Test
    void smallMessagesAreDeletedBeforeTheyCouldBeSealed() throws Exception {
        long id = ask.created("count/b", ContentType.BINARY).info().id();
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            for (int i = 0; i < 2_000; i++) ask.appended("count/b", "m" + i);
            return rows(Keys.HOT, id) <= 1_000;
        });
        assertThat(rows(Keys.SEALED, id)).isZero();
        assertThat(ask.all("count/b")).hasSize(100).endsWith("m1999");
    }

    @Test
    @Tag("slow")
    void aRemovedChannelLeavesNothing() throws Exception {
        long id = ask.created("a", ContentType.BINARY).info().id();
        for (int i = 0; i < 100; i++) ask.produced("a", "p" + i, 0, 0, "x".repeat(2_000));
        ask.delete("a", id);
        for (byte kind : new byte[] {Keys.HOT, Keys.SEALED, Keys.PRODUCER, Keys.CHANNEL, Keys.TAIL, Keys.REMOVED}) {
            untilRows(kind, id, 0);
        }
    }

    @Test
    @Tag("slow")
    void sealingUnderLoadKeepsReadsRight() throws Exception {
        int count = 20_000;
        long id = ask.created("busy", ContentType.BINARY).info().id();
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService readers = Executors.newFixedThreadPool(2)) {
            List<Future<Integer>> reads = new ArrayList<>();
            for (int r = 0; r < 2; r++) {
                int portion = 3_000 + 50_000 * r;
                reads.add(readers.submit(() -> {
                    int rounds = 0;
                    for (boolean last = false; !last; rounds++) {
                        last = done.get();
                        long tail = ask.tail("busy").sequence();
                        List<String> all = ask.all(id, 0, portion);
                        assertThat((long) all.size()).isGreaterThanOrEqualTo(tail);
                        for (int i = 0; i < all.size(); i++)
                            assertThat(all.get(i)).startsWith("m" + i + ".");
                    }
                    return rounds;
                }));
            }
            CompletableFuture<AppendOutcome> last = new CompletableFuture<>();
            for (int i = 0; i < count; i++) {
                CompletableFuture<AppendOutcome> answer = new CompletableFuture<>();
                store.append(Asking.plain("busy", "m" + i + "." + "y".repeat(i % 700)), answer::complete);
                last = answer;
                if (i % 100 == 99) assertThat(Asking.await(answer)).isInstanceOf(AppendOutcome.Appended.class);
            }
            assertThat(Asking.await(last)).isInstanceOf(AppendOutcome.Appended.class);
            done.set(true);
            for (Future<Integer> read : reads) assertThat(read.get()).isPositive();
        }
        assertThat(rows(Keys.SEALED, id)).isPositive();
        assertThat(ask.all(id, 0, 1 << 20)).hasSize(count);
    }
}
