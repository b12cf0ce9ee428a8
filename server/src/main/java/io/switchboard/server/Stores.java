package io.switchboard.server;

import io.switchboard.core.access.RevocationList;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.nodes.Rendezvous;
import io.switchboard.core.nodes.Shelf;
import io.switchboard.core.presence.Elsewhere;
import io.switchboard.core.relay.Relay;
import io.switchboard.core.store.MemoryStore;
import io.switchboard.core.store.Store;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.core.time.Ticker;
import io.switchboard.server.config.Redis;
import io.switchboard.server.config.Settings;
import io.switchboard.store.redis.RedisSettings;
import io.switchboard.store.redis.RedisStore;
import io.switchboard.store.redis.RedisStoreException;
import io.switchboard.store.rocksdb.FolderException;
import io.switchboard.store.rocksdb.RocksStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Opens the store that the settings name. */
final class Stores {
    /** How many channels one sweep of the store looks at for messages that are too old. */
    private static final int SWEPT_PER_TURN = 1_000;

    /** What a channel takes in memory that nobody reads (docs/performance.md). */
    private static final int CHANNEL_BYTES = 1_024;

    private static final long CHANNELS_MAX = 4_000_000;

    private Stores() {}

    /**
     * A store, and what belongs to it.
     *
     * @param relay how other servers that have the same store are heard
     * @param common what else they have in common; null if there are none
     * @param elsewhere how the one with this id among those tells the others who is with it
     * @param sweep applies retention by age to channels that nobody appends to
     * @param isUp whether it can be reached at this moment
     * @param close ends all of it
     */
    record Opened(
            Store store,
            Relay relay,
            @Nullable Common common,
            Function<String, Elsewhere> elsewhere,
            Runnable sweep,
            BooleanSupplier isUp,
            Runnable close) {}

    /** What servers that have the same store have in common beside channels. */
    record Common(Rendezvous rendezvous, Shelf shelf, RevocationList revocations) {}

    static Opened open(Settings settings, Ticker ticker, Figures figures) throws StartFailure {
        StoreLimits d = StoreLimits.DEFAULT;
        StoreLimits limits = new StoreLimits(
                settings.limits().appendsInFlight(),
                d.requestBytesMax(),
                d.batchRequestsMax(),
                d.batchBytesMax(),
                channelsAtHand(d.channelsCachedMax()),
                settings.limits().producersPerChannel(),
                d.forkDepthMax());
        return switch (settings.store()) {
            case MEMORY -> memory(settings, limits, ticker, figures);
            case ROCKSDB -> rocksdb(settings, limits, ticker, figures);
            case REDIS -> redis(settings, limits, figures);
        };
    }

    /**
     * How many channels without readers are kept in memory: what a quarter of the largest heap has room for, and at least
     * {@code least}. Those beyond are looked up in the store whenever somebody uses them, which takes many times as long.
     */
    static int channelsAtHand(int least) {
        long room = Runtime.getRuntime().maxMemory() / 4 / CHANNEL_BYTES;
        return (int) Math.clamp(room, least, CHANNELS_MAX);
    }

    private static Opened rocksdb(Settings settings, StoreLimits limits, Ticker ticker, Figures figures)
            throws StartFailure {
        try {
            RocksStore store = RocksStore.open(settings.data(), settings.policies(), limits, ticker, figures);
            return new Opened(
                    store,
                    Relay.ALONE,
                    null,
                    id -> Elsewhere.NOWHERE,
                    () -> store.sweep(SWEPT_PER_TURN),
                    () -> true,
                    store::close);
        } catch (FolderException refused) {
            throw new StartFailure(refused.sentence(), refused);
        }
    }

    private static Opened memory(Settings settings, StoreLimits limits, Ticker ticker, Figures figures) {
        ExecutorService executor = Executors.newSingleThreadExecutor(
                task -> Thread.ofPlatform().daemon().name("store").unstarted(task));
        MemoryStore store = new MemoryStore(settings.policies(), limits, ticker, executor, figures);
        return new Opened(
                store,
                Relay.ALONE,
                null,
                id -> Elsewhere.NOWHERE,
                () -> store.sweep(SWEPT_PER_TURN),
                () -> true,
                () -> {
                    store.close();
                    executor.shutdown();
                    try {
                        executor.awaitTermination(1, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
    }

    private static Opened redis(Settings settings, StoreLimits limits, Figures figures) throws StartFailure {
        Redis redis = settings.redis();
        RedisSettings asked;
        try {
            asked = new RedisSettings(
                    redis.urls(),
                    redis.sentinel().orElse(null),
                    redis.user().orElse(null),
                    password(redis.passwordFile().orElse(null)),
                    redis.trusted().orElse(null),
                    redis.prefix(),
                    redis.timeout(),
                    redis.timeout(),
                    redis.replicas());
        } catch (IllegalArgumentException refused) {
            throw new StartFailure(String.valueOf(refused.getMessage()), refused);
        }
        try {
            RedisStore store = RedisStore.open(asked, settings.policies(), limits, figures);
            Relay relay = store.relay();
            Common common = new Common(store.rendezvous(), store.shelf(), store.revocations());
            return new Opened(
                    store, relay, common, store::elsewhere, () -> store.sweep(SWEPT_PER_TURN), store::isUp, () -> {
                        relay.close();
                        store.close();
                    });
        } catch (RedisStoreException refused) {
            throw new StartFailure(String.valueOf(refused.getMessage()), refused);
        }
    }

    private static @Nullable String password(@Nullable Path file) throws StartFailure {
        if (file == null) return null;
        try {
            return Files.readString(file).strip();
        } catch (IOException refused) {
            throw new StartFailure(
                    "The password for Redis cannot be read from " + file
                            + ": check that the file exists and this user may read it.",
                    refused);
        }
    }
}
