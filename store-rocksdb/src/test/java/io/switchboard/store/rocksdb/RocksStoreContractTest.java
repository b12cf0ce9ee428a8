package io.switchboard.store.rocksdb;

import io.switchboard.core.channel.Policies;
import io.switchboard.core.store.Store;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.core.time.Ticker;
import io.switchboard.testkit.store.StoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class RocksStoreContractTest extends StoreContract {
    @TempDir
    Path folder;

    @Override
    protected Store open(Policies policies, Ticker ticker) {
        return RocksStore.open(folder, policies, StoreLimits.DEFAULT, ticker);
    }

    @Override
    protected Store reopen(Store open, Policies policies, Ticker ticker) {
        open.close();
        return open(policies, ticker);
    }
}
