package io.switchboard.core.exchange;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.Run;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The newest blocks of every channel of one loop, under one budget of bytes: the block that came first,
 * of whichever channel, goes first. Belongs to its loop.
 */
final class TailCache {
    /** What a cached block costs beside its bytes. */
    private static final int BLOCK_OVERHEAD_BYTES = 128;

    /** The cached blocks of one channel: consecutive. */
    static final class Tape {
        private @Nullable Arrival oldest;
        private @Nullable Arrival newest;

        boolean isEmpty() {
            return newest == null;
        }

        /** Whether the newest messages through {@code sequence} are here: where others append too, they may be elsewhere. */
        boolean reaches(long sequence) {
            return newest != null && newest.block.lastSequence() >= sequence;
        }

        /** Messages after {@code sequence}, up to about {@code bytesMax}; null if the first of them is not here. */
        @Nullable
        Run after(long sequence, int bytesMax) {
            if (oldest == null || oldest.block.firstSequence() > sequence + 1) return null;
            // Readers mostly want the newest: look for the beginning from there.
            Arrival first = null;
            for (Arrival at = newest; at != null && at.block.lastSequence() > sequence; at = at.older) first = at;
            if (first == null) return null;
            List<Block> found = new ArrayList<>();
            long bytes = 0;
            for (Arrival at = first; at != null && bytes < bytesMax; at = at.newer) {
                found.add(at.block);
                bytes += at.block.payloadBytes();
            }
            return Run.of(found).after(sequence).upToBytes(bytesMax);
        }

        private void add(Arrival arrival) {
            arrival.older = newest;
            if (newest == null) oldest = arrival;
            else newest.newer = arrival;
            newest = arrival;
        }

        private void removeOldest(Arrival arrival) {
            oldest = arrival.newer;
            if (oldest == null) newest = null;
            else oldest.older = null;
        }
    }

    // One cached block, in the order of arrival over all channels and within its own.
    private static final class Arrival {
        final Tape tape;
        final Block block;

        @Nullable
        Arrival earlier;

        @Nullable
        Arrival later;

        @Nullable
        Arrival older;

        @Nullable
        Arrival newer;

        Arrival(Tape tape, Block block) {
            this.tape = tape;
            this.block = block;
        }
    }

    private final long bytesMax;
    private @Nullable Arrival earliest;
    private @Nullable Arrival latest;
    private long bytes;
    private int blocks;

    TailCache(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** What the cached blocks cost. */
    long bytes() {
        return bytes;
    }

    int blocks() {
        return blocks;
    }

    void add(Tape tape, Block block) {
        Arrival newest = tape.newest;
        if (newest != null && newest.block.lastSequence() + 1 != block.firstSequence()) clear(tape);
        Arrival arrival = new Arrival(tape, block);
        tape.add(arrival);
        link(arrival);
        while (bytes > bytesMax && earliest != null) {
            Arrival oldest = earliest;
            oldest.tape.removeOldest(oldest); // the first of its channel too
            unlink(oldest);
        }
    }

    void clear(Tape tape) {
        for (Arrival arrival = tape.oldest; arrival != null; arrival = arrival.newer) unlink(arrival);
        tape.oldest = null;
        tape.newest = null;
    }

    private void link(Arrival arrival) {
        arrival.earlier = latest;
        if (latest == null) earliest = arrival;
        else latest.later = arrival;
        latest = arrival;
        bytes += cost(arrival.block);
        blocks++;
    }

    private void unlink(Arrival arrival) {
        if (arrival.earlier == null) earliest = arrival.later;
        else arrival.earlier.later = arrival.later;
        if (arrival.later == null) latest = arrival.earlier;
        else arrival.later.earlier = arrival.earlier;
        bytes -= cost(arrival.block);
        blocks--;
    }

    private static long cost(Block block) {
        return (long) block.bytes().length + BLOCK_OVERHEAD_BYTES;
    }
}
