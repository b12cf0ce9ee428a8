package io.switchboard.store.redis;

import io.switchboard.core.access.RevocationList;
import io.switchboard.testkit.nodes.RevocationListContract;
import io.switchboard.testkit.redis.RedisServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

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

    @Override
    protected RevocationList list() {
        return node.store().revocations();
    }
}
