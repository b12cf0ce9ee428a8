package io.switchboard.store.redis;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class RedisClusterContractTest extends RedisContract {
    @TempDir
    static Path folder;

    private static Ground ground;

    @BeforeAll
    static void startRedis() {
        ground = Ground.cluster(folder);
    }

    @AfterAll
    static void stopRedis() {
        if (ground != null) ground.close();
    }

    @Override
    Ground ground() {
        return ground;
    }

    @Override
    protected int modelSteps() {
        return 1_000;
    }
}
