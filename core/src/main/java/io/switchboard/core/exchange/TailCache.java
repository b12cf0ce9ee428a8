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
        private final ArrayDeque<Block> blocks = new ArrayDeque<>(2);

        boolean isEmpty() {
            return blocks.isEmpty();
        }

        /** Messages after {@code sequence}, up to about {@code bytesMax}; null if the first of them is not here. */
        @Nullable Run after(long sequence, int bytesMax) {
            if (blocks.isEmpty() || blocks.getFirst().firstSequence() > sequence + 1) return null;
            List<Block> found = new ArrayList<>();
            long bytes = 0;
            // Readers mostly want the newest: look for the beginning from there.
            Iterator<Block> newestFirst = blocks.descendingIterator();
            int behind = 0;
            while (newestFirst.hasNext()) {
                Block block = newestFirst.next();
                if (block.lastSequence() <= sequence) break;
                behind++;
            }
            if (behind == 0) return null;
            Iterator<Block> oldestFirst = blocks.iterator();
            for (int skip = blocks.size() - behind; skip > 0; skip--) oldestFirst.next();
            while (oldestFirst.hasNext() && bytes < bytesMax) {
                Block block = oldestFirst.next();
                found.add(block);
                bytes += block.payloadBytes();
            }
            return Run.of(found).after(sequence).upToBytes(bytesMax);
        }
    }

    private final long bytesMax;
    private final ArrayDeque<Tape> arrivals = new ArrayDeque<>(); // one entry a cached block, oldest first
    private long bytes;

    TailCache(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    void add(Tape tape, Block block) {
        Block newest = tape.blocks.peekLast();
        if (newest != null && newest.lastSequence() + 1 != block.firstSequence()) clear(tape);
        tape.blocks.add(block);
        arrivals.add(tape);
        bytes += cost(block);
        while (bytes > bytesMax) {
            Tape oldest = arrivals.remove();
            Block dropped = oldest.blocks.poll();
            if (dropped != null) bytes -= cost(dropped);
        }
    }

    void clear(Tape tape) {
        for (Block block : tape.blocks) bytes -= cost(block);
        tape.blocks.clear();
        // Its arrivals find nothing to drop when their turn comes.
    }

    private static long cost(Block block) {
        return (long) block.bytes().length + BLOCK_OVERHEAD_BYTES;
    }
}
