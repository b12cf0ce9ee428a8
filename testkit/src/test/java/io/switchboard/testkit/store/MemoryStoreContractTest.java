package io.switchboard.testkit.store;

import io.switchboard.core.channel.Policies;
import io.switchboard.core.store.MemoryStore;
import io.switchboard.core.store.Store;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.core.time.Ticker;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** The store in memory, on threads. */
class MemoryStoreContractTest extends StoreContract {
    private final ExecutorService threads = Executors.newFixedThreadPool(3);

    @Override
    protected Store open(Policies policies, Ticker ticker) {
        return new MemoryStore(policies, StoreLimits.DEFAULT, ticker, threads);
    }

    @Override
    protected @Nullable Store reopen(Store open, Policies policies, Ticker ticker) {
        return null;
    }

    @AfterEach
    void endThreads() {
        threads.shutdownNow();
    }
}
