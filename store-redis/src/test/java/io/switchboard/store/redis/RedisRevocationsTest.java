package io.switchboard.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.access.RevocationList;
import io.switchboard.core.access.RevocationList.Page;
import io.switchboard.core.access.Revocations.Revocation;
import io.switchboard.testkit.nodes.RevocationListContract;
import io.switchboard.testkit.redis.RedisServer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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
class RedisRevocationsTest extends RevocationListContract {
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
        node = Node.of(redis);
    }

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    void aMomentThatNoNodeWroteKeepsNobodyFromReading() {
        redis.ask("ZADD sw:revocations inf sub:bob 1e300 sub:carol 1e3 sub:dan 5 nonsense");
        assertThat(read())
                .isEqualTo(new Page(
                        4,
                        List.of(
                                new Revocation("bob", null, Long.MAX_VALUE),
                                new Revocation("carol", null, Long.MAX_VALUE),
                                new Revocation("dan", null, 1_000))));
        redis.ask("DEL sw:revocations");
        redis.ask("SET sw:revocations none");
        assertThat(read()).as("what is no list").isNull();
    }

    private @Nullable Page read() {
        CompletableFuture<@Nullable Page> page = new CompletableFuture<>();
        list().latest(0, 0, 100, page::complete);
        return page.orTimeout(20, TimeUnit.SECONDS).join();
    }

    @Override
    protected RevocationList list() {
        return node.store().revocations();
    }
}
