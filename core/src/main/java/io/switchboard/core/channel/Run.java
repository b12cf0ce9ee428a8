package io.switchboard.core.channel;

import java.util.ArrayList;
import java.util.List;

/**
 * Consecutive messages of one channel, 1 or more: parts of blocks in order. Immutable.
 *
 * @param slices none empty, each beginning right after the one before
 */
public record Run(List<Slice> slices) {
    /**
     * Messages {@code from} (inclusive) to {@code to} (exclusive) of a block.
     *
     * @param from 0 to {@code to - 1}
     * @param to up to the block's count
     */
    public record Slice(Block block, int from, int to) {
        public Slice {
            if (from < 0 || from >= to || to > block.count()) throw new IllegalArgumentException("empty slice");
        }

        public long firstSequence() {
            return block.firstSequence() + from;
        }

        public long lastSequence() {
            return block.firstSequence() + to - 1;
        }

        public int payloadBytes() {
            return block.end(to - 1) - block.start(from);
        }
    }

    public Run {
        if (slices.isEmpty()) throw new IllegalArgumentException("a run has messages");
        slices = List.copyOf(slices);
    }

    public static Run of(Block block) {
        return new Run(List.of(new Slice(block, 0, block.count())));
    }

    public static Run of(List<Block> blocks) {
        List<Slice> slices = new ArrayList<>(blocks.size());
        for (Block block : blocks) slices.add(new Slice(block, 0, block.count()));
        return new Run(slices);
    }

    public long firstSequence() {
        return slices.getFirst().firstSequence();
    }

    public long lastSequence() {
        return slices.getLast().lastSequence();
    }

    /** The offset after the last message. */
    public Offset lastOffset() {
        return new Offset(slices.getLast().block().generation(), lastSequence());
    }

    public long count() {
        return lastSequence() - firstSequence() + 1;
    }

    public long payloadBytes() {
        long bytes = 0;
        for (Slice slice : slices) bytes += slice.payloadBytes();
        return bytes;
    }

    /**
     * The messages after {@code sequence}.
     *
     * @throws IllegalArgumentException if there are none
     */
    public Run after(long sequence) {
        return between(sequence, Long.MAX_VALUE);
    }

    /**
     * The messages after {@code sequence}, up to {@code through} inclusive.
     *
     * @throws IllegalArgumentException if there are none
     */
    public Run between(long sequence, long through) {
        if (sequence < firstSequence() && through >= lastSequence()) return this;
        List<Slice> kept = new ArrayList<>(slices.size());
        for (Slice slice : slices) {
            if (slice.lastSequence() <= sequence || slice.firstSequence() > through) continue;
            int from = (int) Math.max(slice.from(), sequence + 1 - slice.block().firstSequence());
            int to = (int) Math.min(slice.to(), through + 1 - slice.block().firstSequence());
            kept.add(from == slice.from() && to == slice.to() ? slice : new Slice(slice.block(), from, to));
        }
        return new Run(kept);
    }

    /** The first messages of this run, as many as have {@code bytesMax} payload bytes together, at least one. */
    public Run upToBytes(long bytesMax) {
        long bytes = 0;
        for (Slice slice : slices) {
            if (bytes + slice.payloadBytes() <= bytesMax) {
                bytes += slice.payloadBytes();
                continue;
            }
            int to = slice.from();
            int start = slice.block().start(slice.from());
            while (to < slice.to() && bytes + slice.block().end(to) - start <= bytesMax) to++;
            long last = slice.block().firstSequence() + to - 1;
            return between(firstSequence() - 1, Math.max(last, firstSequence()));
        }
        return this;
    }
}
