package io.switchboard.store.rocksdb;

import io.switchboard.core.channel.Block;
import io.switchboard.core.store.ChannelState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The hot blocks of channels that are written to steadily, so that {@link Upkeep} need not read them again to seal
 * them. Of a channel it has all of them, or says that it has not. A channel is taken up when it is sealed for the first time;
 * where there is no room, the one that was sealed longest ago is let go.
 *
 * <p>Any thread; {@link #take} and {@link #left} in turns, by upkeep.
 */
final class AtHand {
    /** Together, over all channels. */
    static final long BYTES_MAX = 8L << 20;

    private static final int BLOCK_OVERHEAD = 128; // what a block of one short message is beside its array, and more

    private final Map<Long, Hot> channels = new LinkedHashMap<>(); // guarded by this, by when they were sealed
    private long bytes; // guarded by this

    private static final class Hot {
        final long opening;

        @Nullable
        ChannelState state; // null until it is told

        List<Block> blocks = new ArrayList<>();
        boolean whole; // else what came since the others were taken

        Hot(long opening) {
            this.opening = opening;
        }
    }

    /** The block was written, as the newest of its channel. */
    synchronized void add(ChannelState state, Block block) {
        Hot hot = channels.get(state.id());
        if (hot == null) return;
        // one may have been written of which it was not known, and so not told
        if (!hot.blocks.isEmpty() && hot.blocks.getLast().lastSequence() + 1 != block.firstSequence()) {
            forget(state.id());
            return;
        }
        hot.state = state;
        hot.blocks.add(block);
        bytes += size(block);
        makeRoom();
    }

    private void makeRoom() {
        while (bytes > BYTES_MAX) forget(channels.keySet().iterator().next());
    }

    /** The channel is now in this state, without a new block. */
    synchronized void changed(ChannelState state) {
        Hot hot = channels.get(state.id());
        if (hot != null) hot.state = state;
    }

    /** What is written of the channel; null where that must be looked up. */
    synchronized @Nullable ChannelState state(long channelId, long opening) {
        Hot hot = channels.get(channelId);
        return hot == null || hot.opening != opening ? null : hot.state;
    }

    /**
     * All hot blocks of a channel, in their order, or null where they must be read. From now on those that are
     * written are gathered; {@link #left} tells which of the others are still hot.
     *
     * @param opening of the database, now: what was written in an earlier one may be lost
     */
    synchronized @Nullable List<Block> take(long channelId, long opening) {
        Hot hot = channels.get(channelId);
        List<Block> taken = hot != null && hot.whole && hot.opening == opening ? hot.blocks : null;
        ChannelState state = hot != null && hot.opening == opening ? hot.state : null;
        forget(channelId);
        Hot next = new Hot(opening);
        next.state = state;
        channels.put(channelId, next);
        return taken;
    }

    /** @param blocks that were read, or taken, and were not sealed */
    synchronized void left(long channelId, List<Block> blocks) {
        Hot hot = channels.get(channelId);
        if (hot == null) return;
        List<Block> whole = new ArrayList<>(blocks);
        for (Block block : hot.blocks) {
            // what was read may hold some of those that were gathered meanwhile
            if (!whole.isEmpty() && block.lastSequence() <= whole.getLast().lastSequence()) continue;
            if (whole.isEmpty() || whole.getLast().lastSequence() + 1 != block.firstSequence()) {
                forget(channelId);
                return;
            }
            whole.add(block);
        }
        if (whole.isEmpty()) {
            forget(channelId);
            return;
        }
        for (Block block : hot.blocks) bytes -= size(block);
        for (Block block : whole) bytes += size(block);
        hot.blocks = whole;
        hot.whole = true;
        makeRoom();
    }

    synchronized void forget(long channelId) {
        Hot hot = channels.remove(channelId);
        if (hot == null) return;
        for (Block block : hot.blocks) bytes -= size(block);
    }

    private static long size(Block block) {
        return (long) block.bytes().length + BLOCK_OVERHEAD;
    }

    synchronized long bytes() {
        return bytes;
    }
}
