package io.switchboard.core.store;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ChannelPolicy;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.store.Persistence.Generations;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The accepted state of all channels: what the next request is decided against. Channels in use are
 * at hand, the others are loaded when a request names them. A {@link Commit} takes requests and
 * gathers what they change; once that is written it becomes the accepted state, and if it could not
 * be written nothing has to be taken back.
 *
 * <p>One thread at a time.
 */
final class Ledger {
    /** Generations are reserved so many at a time, so that a new channel needs no sync of its own. */
    static final long RESERVED_AT_ONCE = 1_000_000;

    private final Lookup kept;
    private final LongConsumer reserve;
    private final SegmentedLog log;
    private final Policies policies;
    private final StoreLimits limits;
    private final Map<ChannelName, Accepted> entries;
    private long lastGeneration;
    private long reservedGeneration;
    private long floorGeneration;

    /** @param reserve as {@link Persistence#reserveGenerations} */
    Ledger(Lookup kept, Generations generations, LongConsumer reserve, Policies policies, StoreLimits limits) {
        this.kept = kept;
        this.reserve = reserve;
        this.log = new SegmentedLog(kept);
        this.policies = policies;
        this.limits = limits;
        this.entries = new Recent(limits.channelsCachedMax());
        this.lastGeneration = generations.last();
        this.reservedGeneration = lastGeneration;
        this.floorGeneration = generations.floor();
    }

    /** What is accepted of one channel. */
    static final class Accepted {
        final ChannelPolicy policy;
        ChannelState state;

        /** Through which message, byte and moment the first kept block reaches; 0 when not known. */
        long firstBlockEnd;

        long firstBlockBytes;
        long firstBlockMillis;

        Accepted(ChannelPolicy policy, ChannelState state) {
            this.policy = policy;
            this.state = state;
        }
    }

    /** The least recently used channel makes room. */
    private static final class Recent extends LinkedHashMap<ChannelName, Accepted> {
        private final int sizeMax;

        Recent(int sizeMax) {
            super(16, 0.75f, true);
            this.sizeMax = sizeMax;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<ChannelName, Accepted> eldest) {
            return size() > sizeMax;
        }
    }

    Commit begin(long nowMillis) {
        return new Commit(this, kept, log, limits, nowMillis);
    }

    ChannelPolicy policy(ChannelName name) {
        return policies.of(name);
    }

    /** The channel with this name, retired or not; null for none. */
    @Nullable
    Accepted entry(ChannelName name) {
        Accepted entry = entries.get(name);
        if (entry != null) return entry;
        ChannelState state = kept.channel(name);
        if (state == null) return null;
        entry = new Accepted(policies.of(name), state);
        entries.put(name, entry);
        return entry;
    }

    /** A generation that nobody has seen. */
    long nextGeneration() {
        if (lastGeneration == reservedGeneration) {
            reserve.accept(reservedGeneration + RESERVED_AT_ONCE);
            reservedGeneration += RESERVED_AT_ONCE;
        }
        return ++lastGeneration;
    }

    /** The generation of the next message of a channel whose newest one is of {@code generation}. */
    long generationAfter(long generation) {
        return Math.max(generation, floorGeneration);
    }

    void accept(ChannelName name, @Nullable Accepted entry) {
        if (entry == null) entries.remove(name);
        else entries.put(name, entry);
    }

    /**
     * A commit failed, or it is not known how much of it happened: what is stored is the truth, and
     * what comes next must not be mistaken for what was refused.
     */
    void suspectLoss() {
        entries.clear();
        floorGeneration = nextGeneration();
    }

    Generations generations() {
        return new Generations(lastGeneration, floorGeneration);
    }
}
