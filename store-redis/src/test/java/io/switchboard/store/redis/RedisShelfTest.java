package io.switchboard.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.core.nodes.Shelf;
import io.switchboard.testkit.nodes.ShelfContract;
import io.switchboard.testkit.redis.RedisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisShelfTest extends ShelfContract {
    @TempDir
    static Path folder;

    private static RedisServer redis;

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
        node = Node.of(Duration.ofSeconds(2), redis);
    }

    @AfterEach
    void close() {
        node.close();
    }

    @Override
    protected Shelf shelf() {
        return node.store().shelf();
    }

    @Override
    protected void pass(long millis) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        await().pollDelay(Duration.ofMillis(millis)).until(() -> System.nanoTime() >= until);
    }

    @Test
    void nothingIsLeftWhenAllIsTaken() {
        CompletableFuture<Shelf.Laid> laid = new CompletableFuture<>();
        shelf().lay("k", "o", 1, new byte[] {1}, 60_000, laid::complete);
        assertThat(laid.orTimeout(20, TimeUnit.SECONDS).join()).isEqualTo(Shelf.Laid.LAID);
        assertThat(redis.ask("DBSIZE")).isEqualTo("2");
        CompletableFuture<Shelf.Taken> taken = new CompletableFuture<>();
        shelf().take("k", taken::complete);
        assertThat(taken.orTimeout(20, TimeUnit.SECONDS).join()).isInstanceOf(Shelf.Taken.Found.class);
        await().until(() -> redis.ask("DBSIZE").equals("0"));
    }

    @Test
    void whatNobodyHereLaidDownIsNothing() {
        for (String odd : new String[] {"\"\"", "\"\\xff\"", "\"\\x05ab\""}) {
            redis.ask("SET sw:shelf:k " + odd);
            CompletableFuture<Shelf.Taken> taken = new CompletableFuture<>();
            shelf().take("k", taken::complete);
            assertThat(taken.orTimeout(20, TimeUnit.SECONDS).join()).isInstanceOf(Shelf.Taken.Nothing.class);
        }
    }

    @Test
    void whileRedisIsAwayItCannotBeTold() {
        try (RedisServer gone = RedisServer.start(folder);
                Node cut = Node.of(Node.IMPATIENT, gone)) {
            gone.pause();
            CompletableFuture<Shelf.Laid> laid = new CompletableFuture<>();
            CompletableFuture<Shelf.Taken> taken = new CompletableFuture<>();
            cut.store().shelf().lay("k", "o", 1, new byte[0], 1_000, laid::complete);
            cut.store().shelf().take("k", taken::complete);
            assertThat(laid.orTimeout(20, TimeUnit.SECONDS).join()).isEqualTo(Shelf.Laid.UNKNOWN);
            assertThat(taken.orTimeout(20, TimeUnit.SECONDS).join()).isInstanceOf(Shelf.Taken.Unknown.class);
            gone.resume();
        }
    }
}
