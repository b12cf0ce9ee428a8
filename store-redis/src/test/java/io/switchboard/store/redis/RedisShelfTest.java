package io.switchboard.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.core.nodes.Shelf;
import io.switchboard.testkit.redis.RedisServer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisShelfTest extends RedisShelfContract {
    @TempDir
    static Path folder;

    private static Ground ground;

    @BeforeAll
    static void startRedis() {
        ground = Ground.server(folder);
    }

    @AfterAll
    static void stopRedis() {
        if (ground != null) ground.close();
    }

    @Override
    Ground ground() {
        return ground;
    }

    @Test
    void nothingIsLeftWhenAllIsTaken() {
        CompletableFuture<Shelf.Laid> laid = new CompletableFuture<>();
        shelf().lay("k", "o", 1, new byte[] {1}, 60_000, laid::complete);
        assertThat(laid.orTimeout(20, TimeUnit.SECONDS).join()).isEqualTo(Shelf.Laid.LAID);
        assertThat(ground.keys()).isEqualTo(2);
        CompletableFuture<Shelf.Taken> taken = new CompletableFuture<>();
        shelf().take("k", taken::complete);
        assertThat(taken.orTimeout(20, TimeUnit.SECONDS).join()).isInstanceOf(Shelf.Taken.Found.class);
        await().until(() -> ground.keys() == 0);
    }

    @Test
    void whatNobodyHereLaidDownIsNothing() {
        for (String odd : new String[] {"\"\"", "\"\\xff\"", "\"\\x05ab\""}) {
            ground.server().ask("SET sw:shelf:k " + odd);
            CompletableFuture<Shelf.Taken> taken = new CompletableFuture<>();
            shelf().take("k", taken::complete);
            assertThat(taken.orTimeout(20, TimeUnit.SECONDS).join()).isInstanceOf(Shelf.Taken.Nothing.class);
        }
    }

    /** A node that starts then asks for what the others agreed upon. */
    @Test
    void whatWasAgreedUponIsToldWithoutMemoryToo() {
        assertThat(agreed("secret", 1)).containsExactly(1);
        ground.server().ask("CONFIG SET maxmemory 1");
        try {
            assertThat(agreed("secret", 2)).containsExactly(1);
            assertThat(agreed("another", 3)).isNull();
        } finally {
            ground.server().ask("CONFIG SET maxmemory 0");
        }
        assertThat(agreed("another", 4)).containsExactly(4);
    }

    private byte @Nullable [] agreed(String name, int proposal) {
        CompletableFuture<byte @Nullable []> told = new CompletableFuture<>();
        shelf().agree(name, new byte[] {(byte) proposal}, told::complete);
        return told.orTimeout(20, TimeUnit.SECONDS).join();
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
