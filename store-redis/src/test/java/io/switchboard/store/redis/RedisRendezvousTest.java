package io.switchboard.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.core.nodes.Rendezvous;
import io.switchboard.core.nodes.Rendezvous.Roll;
import io.switchboard.testkit.redis.RedisServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class RedisRendezvousTest {
    private static final long LONG = 60_000;
    private static final String HEARING = "(hearing)";

    @TempDir
    static Path folder;

    private static RedisServer redis;

    private Node node;
    private Rendezvous place;
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    private final Rendezvous.Hearer hearer = new Rendezvous.Hearer() {
        @Override
        public void hearing() {
            heard.add(HEARING);
        }

        @Override
        public void heard(byte[] message) {
            heard.add(new String(message, StandardCharsets.UTF_8));
        }
    };

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
        node = Node.of(redis);
        place = node.store().rendezvous();
    }

    @AfterEach
    void close() {
        place.close();
        node.close();
    }

    private @Nullable Roll renewed(String id, long leaseMillis) {
        CompletableFuture<@Nullable Roll> roll = new CompletableFuture<>();
        place.renew(id, leaseMillis, roll::complete);
        return roll.orTimeout(20, TimeUnit.SECONDS).join();
    }

    private void hears(String what) throws InterruptedException {
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo(what);
    }

    @Test
    void leasesLastAsLongAsTheyAreRenewed() {
        assertThat(renewed("a", LONG)).isEqualTo(new Roll(false, Set.of("a")));
        assertThat(renewed("b", LONG)).isEqualTo(new Roll(false, Set.of("a", "b")));
        assertThat(renewed("a", 1)).isEqualTo(new Roll(true, Set.of("a", "b")));
        await().untilAsserted(() -> assertThat(renewed("b", LONG)).isEqualTo(new Roll(true, Set.of("b"))));
        assertThat(renewed("a", LONG)).isEqualTo(new Roll(false, Set.of("a", "b")));
        place.leave("a");
        assertThat(renewed("b", LONG)).isEqualTo(new Roll(true, Set.of("b")));
        assertThat(redis.ask("ZCARD sw:nodes")).isEqualTo("1");
    }

    @Test
    void aRenewalUnderWayDoesNotPutBackWhoLeaves() {
        for (int i = 0; i < 20; i++) {
            place.renew("a", LONG, roll -> {});
            place.leave("a");
            assertThat(redis.ask("EXISTS sw:nodes")).isEqualTo("0");
        }
    }

    @Test
    void callsAreHeardAgainAfterTheConnectionWasLost() throws InterruptedException {
        place.hear(hearer);
        hears(HEARING);
        for (int i = 0; i < 3; i++) {
            place.call(("m" + i).getBytes(StandardCharsets.UTF_8));
            hears("m" + i);
            redis.ask("CLIENT KILL TYPE pubsub");
            hears(HEARING);
        }
    }

    @Test
    void withoutRedisItIsNotKnownWhetherALeaseWasRenewed() {
        try (RedisServer gone = RedisServer.start(folder);
                Node cut = Node.of(Node.IMPATIENT, gone);
                Rendezvous far = cut.store().rendezvous()) {
            gone.pause();
            CompletableFuture<@Nullable Roll> roll = new CompletableFuture<>();
            far.renew("a", LONG, roll::complete);
            assertThat(roll.orTimeout(20, TimeUnit.SECONDS).join()).isNull();
            far.leave("a");
            gone.resume();
        }
    }
}
