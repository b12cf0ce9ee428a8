package io.switchboard.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.core.access.RevocationList;
import io.switchboard.core.access.Revocations.Revocation;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Expiry;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.nodes.Rendezvous;
import io.switchboard.core.nodes.Shelf;
import io.switchboard.core.relay.Relay;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.CreateOutcome;
import io.switchboard.core.store.DeleteOutcome;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.testkit.redis.RedisServer;
import io.switchboard.testkit.store.Asking;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class OpeningTest {
    private static final String SECRET = "open-sesame";

    @TempDir
    Path folder;

    private static RedisSettings settings(List<String> uris, @Nullable String password) {
        Duration timeout = Duration.ofSeconds(2);
        return new RedisSettings(uris, null, null, password, null, "sw", timeout, timeout, 0);
    }

    private static void open(RedisSettings settings) {
        RedisStore.open(settings, Policies.DEFAULT, StoreLimits.DEFAULT, Figures.unseen())
                .close();
    }

    @Test
    void whereNobodyListensASentenceSaysSo() {
        String uri;
        try (RedisServer gone = RedisServer.start(folder)) {
            uri = gone.uri();
        }
        assertThatThrownBy(() -> open(RedisSettings.of(uri)))
                .isInstanceOf(RedisStoreException.class)
                .hasMessageStartingWith("The Redis server at " + uri + " cannot be reached:");
    }

    @Test
    void aPasswordIsNeededAndNeverShown() {
        try (RedisServer redis = RedisServer.start(folder, "--requirepass", SECRET)) {
            open(settings(List.of(redis.uri()), SECRET));
            assertThatThrownBy(() -> open(RedisSettings.of(redis.uri()))).hasMessageContaining("refuses this user");
            assertThatThrownBy(() -> open(settings(List.of(redis.uri()), "wrong-" + SECRET)))
                    .hasMessageContaining("refuses this user")
                    .hasStackTraceContaining("WRONGPASS")
                    .satisfies(thrown -> assertThat(thrown.toString()).doesNotContain(SECRET));
            assertThat(settings(List.of(redis.uri()), SECRET).toString()).doesNotContain(SECRET);
        }
    }

    @Test
    void aServerThatWouldThrowMessagesAwayIsRefused() {
        try (RedisServer redis = RedisServer.start(folder, "--maxmemory-policy", "allkeys-lru")) {
            assertThatThrownBy(() -> open(RedisSettings.of(redis.uri())))
                    .hasMessageContaining("maxmemory-policy to noeviction; it is allkeys-lru");
            redis.ask("CONFIG SET maxmemory-policy volatile-ttl"); // our keys have no time to live
            open(RedisSettings.of(redis.uri()));
        }
    }

    private static RedisSettings watched(String name, String... uris) {
        Duration timeout = Duration.ofSeconds(2);
        return new RedisSettings(List.of(uris), name, null, null, null, "sw", timeout, timeout, 0);
    }

    @Test
    void sentinelsNameThePrimary() {
        try (RedisServer redis = RedisServer.start(folder);
                RedisServer sentinel = RedisServer.sentinel(folder, "main", redis)) {
            open(watched("main", sentinel.uri()));
            open(watched("main", "redis://127.0.0.1:1", sentinel.uri()));
            assertThatThrownBy(() -> open(watched("other", sentinel.uri())))
                    .hasMessage("The sentinels watch no primary by the name of other.");
            assertThatThrownBy(() -> open(watched("main", redis.uri())))
                    .hasMessageContaining(redis.uri() + " is no sentinel.");
            assertThatThrownBy(() -> open(RedisSettings.of(sentinel.uri())))
                    .hasMessageContaining(sentinel.uri() + " is a sentinel. Set redis.sentinel");
            redis.ask("CONFIG SET maxmemory-policy allkeys-lru");
            assertThatThrownBy(() -> open(watched("main", sentinel.uri()))).hasMessageContaining("allkeys-lru");
        }
        assertThatThrownBy(() -> watched("a name", "redis://localhost")).hasMessageContaining("that sentinels watch");
    }

    @Test
    void aClusterIsTakenWhole() {
        try (RedisServer redis = RedisServer.start(folder, "--cluster-enabled", "yes")) {
            assertThatThrownBy(() -> open(RedisSettings.of(redis.uri())))
                    .hasMessage("Nobody in the Redis cluster keeps some of its slots.");
            redis.ask("CLUSTER ADDSLOTSRANGE 0 16383");
            redis.ask("CONFIG SET maxmemory-policy allkeys-lru");
            assertThatThrownBy(() -> open(RedisSettings.of(redis.uri()))).hasMessageContaining("allkeys-lru");
            redis.ask("CONFIG SET maxmemory-policy noeviction");
            open(RedisSettings.of(redis.uri()));
            assertThatThrownBy(() -> open(RedisSettings.of(redis.uri() + "/1")))
                    .hasMessageContaining("database 0 only");
        }
    }

    @Test
    void ofSeveralServersThePrimaryIsTaken() {
        try (RedisServer primary = RedisServer.start(folder);
                RedisServer replica = RedisServer.start(folder)) {
            replica.ask("REPLICAOF 127.0.0.1 " + primary.port());
            assertThatThrownBy(() -> open(RedisSettings.of(replica.uri())))
                    .hasMessageContaining("is no primary, but a replica.");
            open(settings(List.of(replica.uri(), primary.uri()), null));
            replica.ask("REPLICAOF NO ONE");
            assertThatThrownBy(() -> open(settings(List.of(replica.uri(), primary.uri()), null)))
                    .hasMessageContaining("both take themselves for the primary");
            replica.ask("REPLICAOF 127.0.0.1 " + primary.port());
            primary.kill();
            assertThatThrownBy(() -> open(settings(List.of(replica.uri(), primary.uri()), null)))
                    .hasMessageContaining(replica.uri() + " is no primary")
                    .hasMessageContaining(primary.uri() + " cannot be reached");
        }
    }

    // All that nodes ask of Redis beside channels.
    private static void together(RedisStore store) throws InterruptedException {
        try (Rendezvous place = store.rendezvous()) {
            CountDownLatch heard = new CountDownLatch(2);
            place.hear(new Rendezvous.Hearer() {
                @Override
                public void hearing() {
                    heard.countDown();
                    place.call(new byte[] {1});
                }

                @Override
                public void heard(byte[] message) {
                    heard.countDown();
                }
            });
            assertThat(heard.await(10, TimeUnit.SECONDS)).isTrue();
            BlockingQueue<Object> told = new LinkedBlockingQueue<>();
            place.renew("a", 1_000, roll -> told.add(Optional.ofNullable(roll)));
            assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo(Optional.of(new Rendezvous.Roll(false, Set.of("a"))));
            place.leave("a");
            Shelf shelf = store.shelf();
            shelf.lay("k", "o", 1, new byte[0], 1_000, told::add);
            assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo(Shelf.Laid.LAID);
            shelf.take("k", told::add);
            assertThat(told.poll(10, TimeUnit.SECONDS)).isInstanceOf(Shelf.Taken.Found.class);
            shelf.agree("n", new byte[] {1}, value -> told.add(Optional.ofNullable(value)));
            assertThat(told.poll(10, TimeUnit.SECONDS)).isNotEqualTo(Optional.empty());
            RevocationList revocations = store.revocations();
            revocations.add(List.of(new Revocation("s", null, 1)), 1, told::add);
            assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo(RevocationList.Kept.KEPT);
            revocations.latest(0, 0, 1, page -> told.add(Optional.ofNullable(page)));
            assertThat(told.poll(10, TimeUnit.SECONDS)).isNotEqualTo(Optional.empty());
        }
    }

    /** The line of the document that makes a user. */
    static String accessList(String password) throws IOException {
        String page = Files.readString(Path.of("..", "docs", "redis-format.md"));
        int at = page.indexOf("ACL SETUSER");
        String line = page.substring(at, page.indexOf("```", at))
                .replaceAll("\\s+", " ")
                .strip();
        return line.replace("PASSWORD", password);
    }

    @Test
    void theCommandsOfTheDocumentAreEnough() throws IOException, InterruptedException {
        try (RedisServer redis = RedisServer.start(folder, "--repl-diskless-sync-delay", "0");
                RedisServer replica = RedisServer.start(folder)) {
            replica.replicate(redis);
            assertThat(redis.ask(accessList(SECRET))).isEqualTo("OK");
            redis.ask("ACL SETUSER default resetpass on >other");
            Duration timeout = Duration.ofSeconds(2);
            RedisSettings settings = new RedisSettings(
                    List.of(redis.uri()), null, "switchboard", SECRET, null, "sw", timeout, timeout, 1);
            RedisStore store = RedisStore.open(settings, Node.POLICIES, StoreLimits.DEFAULT, Figures.unseen());
            try (Node node = new Node(store, new Asking(store));
                    Relay relay = store.relay()) {
                CountDownLatch listening = new CountDownLatch(1);
                CountDownLatch changed = new CountDownLatch(2);
                relay.start(new Relay.Hearer() {
                    @Override
                    public void called(ChannelName name, long id, @Nullable Block block, Tail tail) {}

                    @Override
                    public void changed(ChannelName name) {
                        listening.countDown();
                        changed.countDown();
                    }
                });
                relay.follow(Node.name("a"));
                assertThat(listening.await(10, TimeUnit.SECONDS)).isTrue();
                Create create = new Create(
                        Node.name("a"), null, new Expiry.Sliding(5), false, Asking.payloads("m"), null, null);
                assertThat(node.ask().create(create)).isInstanceOf(CreateOutcome.Created.class);
                assertThat(changed.await(10, TimeUnit.SECONDS)).isTrue();
                for (int i = 0; i < 20; i++) node.ask().appended("a", "m");
                assertThat(node.ask().produced("a", "w", 0, 0, "m")).isInstanceOf(AppendOutcome.Appended.class);
                Create.Fork fork = new Create.Fork(Node.name("a"), null, 0);
                Create forked = new Create(Node.name("f"), null, null, false, Asking.payloads(), fork, null);
                assertThat(node.ask().create(forked)).isInstanceOf(CreateOutcome.Created.class);
                store.touch(Node.name("a"), node.ask().found("a").info().id(), 7);
                store.touch(Node.name("f"), node.ask().found("f").info().id(), Long.MAX_VALUE);
                assertThat(node.ask().all("f")).hasSize(22);
                assertThat(node.ask().names("", "", 10)).containsExactly("a", "f");
                assertThat(node.ask().expired(7, 10)).containsExactly("a");
                node.ask().created("count/a", ContentType.BINARY);
                for (int i = 0; i < 20; i++) node.ask().appended("count/a", "m");
                node.ask().created("age/a", ContentType.BINARY, "m");
                store.sweep(10);
                relay.unfollow(Node.name("a"));
                together(store);
                for (String name : List.of("a", "f", "count/a", "age/a")) {
                    assertThat(node.ask().delete(name)).isEqualTo(new DeleteOutcome.Deleted());
                }
            }
        }
    }
}
