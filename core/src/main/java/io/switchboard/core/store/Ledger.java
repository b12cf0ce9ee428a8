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

    /** So many are passed over at most before one makes room. */
    private static final int LOOKS = 16;

    private final Lookup kept;
    private final LongConsumer reserve;
    private final SegmentedLog log;
    private final Policies policies;
    private final StoreLimits limits;
    // In the order in which they came or were passed over. An order of use would have every request write to three
    // entries that lie anywhere in memory.
    private final LinkedHashMap<ChannelName, Accepted> entries = new LinkedHashMap<>();
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
        this.lastGeneration = generations.last();
        this.reservedGeneration = lastGeneration;
        this.floorGeneration = generations.floor();
    }

    /** What is accepted of one channel. */
    static final class Accepted {
        final ChannelPolicy policy;
        ChannelState state;

        /** Since it was last looked at as one that may make room. */
        boolean used;

        /** Through which message, byte and moment the first kept block reaches; 0 when not known. */
        long firstBlockEnd;

        long firstBlockBytes;
        long firstBlockMillis;

        Accepted(ChannelPolicy policy, ChannelState state) {
            this.policy = policy;
            this.state = state;
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
        if (entry != null) {
            entry.used = true;
            return entry;
        }
        ChannelState state = kept.channel(name);
        if (state == null) return null;
        entry = new Accepted(policies.of(name), state);
        put(state.name(), entry);
        return entry;
    }

    // One that was not used for longest makes room, or nearly so: the first that was not used since it was passed over.
    private void put(ChannelName name, Accepted entry) {
        entries.put(name, entry);
        for (int looks = LOOKS; entries.size() > limits.channelsCachedMax(); looks--) {
            Map.Entry<ChannelName, Accepted> eldest = entries.firstEntry();
            if (looks > 0 && eldest.getValue().used) {
                eldest.getValue().used = false;
                entries.putLast(eldest.getKey(), eldest.getValue());
            } else {
                entries.remove(eldest.getKey());
            }
        }
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
        else put(name, entry);
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
