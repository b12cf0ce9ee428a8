package io.switchboard.server;

import io.switchboard.core.figures.Figures;
import io.switchboard.core.store.LocalStore;
import io.switchboard.core.store.MemoryStore;
import io.switchboard.core.store.Store;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.core.time.Ticker;
import io.switchboard.server.config.Settings;
import io.switchboard.store.rocksdb.FolderException;
import io.switchboard.store.rocksdb.RocksStore;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Opens the store that the settings name. */
final class Stores {
    /** How many channels one sweep of the store looks at for messages that are too old. */
    private static final int SWEPT_PER_TURN = 1_000;

    private Stores() {}

    /** A store, and what else has to end with it. */
    record Opened(LocalStore local, Runnable afterwards) {
        Store store() {
            return local;
        }

        void sweep() {
            local.sweep(SWEPT_PER_TURN);
        }

        void close() {
            local.close();
            afterwards.run();
        }
    }

    static Opened open(Settings settings, Ticker ticker, Figures figures) throws StartFailure {
        StoreLimits d = StoreLimits.DEFAULT;
        StoreLimits limits = new StoreLimits(
                settings.limits().appendsInFlight(),
                d.requestBytesMax(),
                d.batchRequestsMax(),
                d.batchBytesMax(),
                d.channelsCachedMax(),
                settings.limits().producersPerChannel(),
                d.forkDepthMax());
        return switch (settings.store()) {
            case MEMORY -> memory(settings, limits, ticker, figures);
            case ROCKSDB -> rocksdb(settings, limits, ticker, figures);
        };
    }

    private static Opened rocksdb(Settings settings, StoreLimits limits, Ticker ticker, Figures figures)
            throws StartFailure {
        try {
            return new Opened(RocksStore.open(settings.data(), settings.policies(), limits, ticker, figures), () -> {});
        } catch (FolderException refused) {
            throw new StartFailure(refused.sentence(), refused);
        }
    }

    private static Opened memory(Settings settings, StoreLimits limits, Ticker ticker, Figures figures) {
        ExecutorService executor = Executors.newSingleThreadExecutor(
                task -> Thread.ofPlatform().daemon().name("store").unstarted(task));
        return new Opened(new MemoryStore(settings.policies(), limits, ticker, executor, figures), () -> {
            executor.shutdown();
            try {
                executor.awaitTermination(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }
}
