package io.switchboard.core.exchange;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.Run;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The newest blocks of every channel of one loop, under one budget of bytes: the block that came first,
 * of whichever channel, goes first. Belongs to its loop.
 */
final class TailCache {
    /** What a cached block costs beside its bytes. */
    private static final int BLOCK_OVERHEAD_BYTES = 128;

    /** The cached blocks of one channel: consecutive, the newest last. */
    static final class Tape {
        private final ArrayDeque<Arrival> blocks = new ArrayDeque<>(2);

        boolean isEmpty() {
            return blocks.isEmpty();
        }

        /** Whether the newest messages through {@code sequence} are here: where others append too, they may be elsewhere. */
        boolean reaches(long sequence) {
            return !blocks.isEmpty() && blocks.getLast().block.lastSequence() >= sequence;
        }

        /** Messages after {@code sequence}, up to about {@code bytesMax}; null if the first of them is not here. */
        @Nullable
        Run after(long sequence, int bytesMax) {
            if (blocks.isEmpty() || blocks.getFirst().block.firstSequence() > sequence + 1) return null;
            List<Block> found = new ArrayList<>();
            long bytes = 0;
            // Readers mostly want the newest: look for the beginning from there.
            Iterator<Arrival> newestFirst = blocks.descendingIterator();
            int behind = 0;
            while (newestFirst.hasNext() && newestFirst.next().block.lastSequence() > sequence) behind++;
            if (behind == 0) return null;
            Iterator<Arrival> oldestFirst = blocks.iterator();
            for (int skip = blocks.size() - behind; skip > 0; skip--) oldestFirst.next();
            while (oldestFirst.hasNext() && bytes < bytesMax) {
                Block block = oldestFirst.next().block;
                found.add(block);
                bytes += block.payloadBytes();
            }
            return Run.of(found).after(sequence).upToBytes(bytesMax);
        }
    }

    // One cached block, in the order of arrival over all channels.
    private static final class Arrival {
        final Tape tape;
        final Block block;

        @Nullable
        Arrival earlier;

        @Nullable
        Arrival later;

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
        Arrival newest = tape.blocks.peekLast();
        if (newest != null && newest.block.lastSequence() + 1 != block.firstSequence()) clear(tape);
        Arrival arrival = new Arrival(tape, block);
        tape.blocks.add(arrival);
        link(arrival);
        while (bytes > bytesMax && earliest != null) {
            Arrival oldest = earliest;
            oldest.tape.blocks.remove(); // the first of its channel too
            unlink(oldest);
        }
    }

    void clear(Tape tape) {
        for (Arrival arrival : tape.blocks) unlink(arrival);
        tape.blocks.clear();
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
