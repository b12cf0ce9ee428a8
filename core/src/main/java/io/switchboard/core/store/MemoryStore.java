package io.switchboard.core.store;

import io.switchboard.core.channel.Policies;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.store.Persistence.Generations;
import io.switchboard.core.time.Ticker;
import java.util.concurrent.Executor;

/** A store that keeps everything in memory and nothing afterwards: for tests, and for data that may go. */
public final class MemoryStore extends LocalStore {
    // More channels than that a millisecond, for as long as the store lives, would catch up with the next store.
    private static final long GENERATIONS_PER_MILLISECOND = 1_000;

    /**
     * @param policies what holds for which channel
     * @param limits of what it takes on
     * @param ticker for the times of messages; also, a later moment keeps the offsets of this store
     *     apart from those of an earlier one
     * @param executor runs everything the store does, commits, syncs and reads; a simulator hands in
     *     its own and decides when
     */
    public MemoryStore(Policies policies, StoreLimits limits, Ticker ticker, Executor executor) {
        this(policies, limits, ticker, executor, Figures.unseen());
    }

    /** @param figures move with its commits */
    public MemoryStore(Policies policies, StoreLimits limits, Ticker ticker, Executor executor, Figures figures) {
        super(new MemoryPersistence(first(ticker)), policies, limits, ticker, executor, executor, executor, figures);
    }

    private static Generations first(Ticker ticker) {
        long generation = Math.max(0, ticker.nowMillis()) * GENERATIONS_PER_MILLISECOND;
        return new Generations(generation, generation);
    }
}
