package io.switchboard.store.redis;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.parallel.ResourceLock;

@ResourceLock(Ground.CLUSTER)
class RedisClusterContractTest extends RedisContract {
    private static Ground ground;

    @BeforeAll
    static void startRedis() {
        ground = Ground.cluster();
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
