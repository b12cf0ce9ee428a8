package io.switchboard.store.redis;

import io.switchboard.core.channel.Policies;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.store.Store;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.core.time.Ticker;
import io.switchboard.testkit.redis.RedisServer;
import io.switchboard.testkit.store.StoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class RedisStoreContractTest extends StoreContract {
    @TempDir
    static Path folder;

    private static RedisServer redis;

    @BeforeAll
    static void startRedis() {
        redis = RedisServer.start(folder);
    }

    @AfterAll
    static void stopRedis() {
        if (redis != null) redis.close();
    }

    @Override
    protected Store open(Policies policies, Ticker ticker) {
        redis.ask("FLUSHALL");
        return again(policies, ticker);
    }

    private static Store again(Policies policies, Ticker ticker) {
        RedisSettings settings = RedisSettings.of(redis.uri());
        return RedisStore.open(settings, policies, StoreLimits.DEFAULT, ticker, Figures.unseen());
    }

    // The server goes on: what it keeps over its own end is its configuration's affair, and another test's.
    @Override
    protected Store reopen(Store open, Policies policies, Ticker ticker) {
        open.close();
        return again(policies, ticker);
    }

    @Override
    protected boolean reachesSourcesInOrder() {
        return false;
    }

    @Override
    protected int modelSteps() {
        return 5_000;
    }
}
