package io.switchboard.core.store;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.Lineage;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Retention;
import io.switchboard.core.channel.Run;
import io.switchboard.core.store.Persistence.Generations;
import org.jspecify.annotations.Nullable;

/**
 * The rules of local stores, for a store that several processes share. It looks up what there is, asks here what shall
 * become of it, and writes that itself, provided that what was looked up still holds.
 *
 * <p>Any thread; blocks as long as its {@link Lookup} does, and throws what that throws.
 */
public final class Rules {
    private final Policies policies;
    private final StoreLimits limits;

    public Rules(Policies policies, StoreLimits limits) {
        this.policies = policies;
        this.limits = limits;
    }

    /**
     * What a creation comes to.
     *
     * @param outcome to be told once what it needs is written
     * @param made the channel to be written; null if there is nothing to write
     * @param block its first messages; null for none
     */
    public record Decision(
            CreateOutcome outcome,
            @Nullable ChannelState made,
            @Nullable Block block) {}

    /**
     * Decides a creation. Where it forks, who writes it also counts the fork at its source, and keeps for it what the
     * source keeps now.
     *
     * @param kept the channel of this name and, if that is not there, the source of the fork
     * @param generation of the new channel, and its id: one that nobody has seen
     */
    public Decision create(Create create, Lookup kept, long generation, long nowMillis) {
        Ledger ledger = new Ledger(kept, new Generations(generation - 1, 0), through -> {}, policies, limits);
        Commit commit = ledger.begin(nowMillis);
        var decided = commit.create(create);
        ChannelState made = null;
        Block block = null;
        for (Change change : commit.finish().logged()) {
            if (change instanceof Change.PutTail(ChannelState state, boolean _)
                    && state.name().equals(create.name())) made = state;
            if (change instanceof Change.PutBlock(ChannelState _, Block messages)) block = messages;
        }
        return new Decision(decided.get(), made, block);
    }

    /** The channel as it is for readers: messages that are too old are not there, although nobody has removed them. */
    public ChannelState trimmed(ChannelState channel, Lookup kept, long nowMillis) {
        Retention retention = policies.of(channel.name()).retention();
        boolean aged = retention.ageMaxMillis() != Retention.UNLIMITED;
        // where those that it inherited begin and end is not known when it is appended to
        boolean inherits = retention.bytesMax() != Retention.UNLIMITED
                && !channel.origin().segments().isEmpty();
        return aged || inherits ? new SegmentedLog(kept).trimmed(channel, retention, nowMillis) : channel;
    }

    /**
     * Reads as {@link Store#read}.
     *
     * @param channel as just looked up
     * @return null if what was looked up is not so any more
     */
    public @Nullable ReadOutcome read(ChannelState channel, Lookup kept, long sequence, int bytesMax, long nowMillis) {
        if (sequence >= channel.sequence()) return new ReadOutcome.AtTail();
        ChannelState shown = trimmed(channel, kept, nowMillis);
        long start = shown.deleted() ? shown.keptAfter() : shown.tail().start();
        if (sequence < start) return new ReadOutcome.Trimmed(start);
        Run run = new SegmentedLog(kept).read(shown, sequence, shown.sequence(), bytesMax);
        return run != null
                        && run.firstSequence() == sequence + 1
                        && isOf(shown.info().lineage(), run)
                ? new ReadOutcome.Messages(run)
                : null;
    }

    // Between the two looks the name may have become another channel's, or messages may have been lost and others come.
    private static boolean isOf(Lineage lineage, Run run) {
        for (Run.Slice slice : run.slices()) {
            if (lineage.offsetAt(slice.lastSequence()).generation()
                    != slice.block().generation()) return false;
        }
        return true;
    }
}
