package io.switchboard.testkit.store;

import io.switchboard.core.channel.Policies;
import io.switchboard.core.store.MemoryStore;
import io.switchboard.core.store.Store;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.core.time.Ticker;
import org.jspecify.annotations.Nullable;

/** The store in memory, all of it on the caller's thread, as the simulator runs it. */
class SteppedMemoryStoreContractTest extends StoreContract {
    @Override
    protected Store open(Policies policies, Ticker ticker) {
        return new MemoryStore(policies, StoreLimits.DEFAULT, ticker, Runnable::run);
    }

    @Override
    protected @Nullable Store reopen(Store open, Policies policies, Ticker ticker) {
        return null;
    }
}
