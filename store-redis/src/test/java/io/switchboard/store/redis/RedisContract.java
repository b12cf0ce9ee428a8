package io.switchboard.store.redis;

import io.switchboard.core.channel.Policies;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.store.Store;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.core.time.Ticker;
import io.switchboard.testkit.store.StoreContract;
import org.junit.jupiter.api.Tag;

/** What every store promises, on whatever Redis. */
@Tag("slow")
abstract class RedisContract extends StoreContract {
    abstract Ground ground();

    @Override
    protected Store open(Policies policies, Ticker ticker) {
        ground().flush();
        return again(policies, ticker);
    }

    private Store again(Policies policies, Ticker ticker) {
        return RedisStore.open(
                ground().settings(RedisSettings.TIMEOUT), policies, StoreLimits.DEFAULT, ticker, Figures.unseen());
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
}
