package io.switchboard.core.channel;

import java.util.Arrays;

/**
 * Which generation wrote which messages of a channel: spans in ascending order, each from the
 * position after which it begins up to the next one's. It tells an offset of this channel from one of
 * a lost tail or of a deleted namesake, without reading a message.
 *
 * <pre>
 *   generations  [ 4,  9 ]     messages 1..10 are (4,1)..(4,10), from 11 on (9,11)..
 *   after        [ 0, 10 ]     (4,11) was lost in the crash before generation 9
 * </pre>
 *
 * Immutable. A channel's first span says where it was created: {@code (generation, 0)} is its beginning.
 */
public final class Lineage {
    private static final long[] FROM_THE_START = {0}; // that most have, and none changes

    private final long[] generations;
    private final long[] after;

    private Lineage(long[] generations, long[] after) {
        this.generations = generations;
        this.after = after;
    }

    /** A new channel. */
    public static Lineage createdIn(long generation) {
        return new Lineage(new long[] {generation}, FROM_THE_START);
    }

    /** @throws IllegalArgumentException unless both arrays have one length of 1 or more and ascend */
    public static Lineage of(long[] generations, long[] after) {
        if (generations.length == 0 || generations.length != after.length || after[0] < 0) {
            throw new IllegalArgumentException("a lineage has spans");
        }
        for (int i = 1; i < generations.length; i++) {
            if (generations[i] <= generations[i - 1] || after[i] < after[i - 1]) {
                throw new IllegalArgumentException("spans of a lineage ascend");
            }
        }
        boolean fromTheStart = Arrays.equals(after, FROM_THE_START);
        return new Lineage(generations.clone(), fromTheStart ? FROM_THE_START : after.clone());
    }

    /** This lineage with messages after {@code sequence} written in {@code generation}; itself if they already are. */
    public Lineage continuedBy(long generation, long sequence) {
        int n = generations.length;
        if (generations[n - 1] == generation) return this;
        if (generation < generations[n - 1]) throw new IllegalArgumentException("generations ascend");
        long[] g = Arrays.copyOf(generations, n + 1);
        long[] a = Arrays.copyOf(after, n + 1);
        g[n] = generation;
        a[n] = sequence;
        return new Lineage(g, a);
    }

    /** The spans of the messages up to {@code sequence}: what a fork inherits. */
    public Lineage upTo(long sequence) {
        int n = generations.length;
        while (n > 1 && after[n - 1] >= sequence) n--;
        return n == generations.length ? this : new Lineage(Arrays.copyOf(generations, n), Arrays.copyOf(after, n));
    }

    /** Without the spans that end at or before {@code start}: their messages are trimmed. */
    public Lineage from(long start) {
        int first = 0;
        while (first + 1 < generations.length && after[first + 1] < start) first++;
        return first == 0
                ? this
                : new Lineage(
                        Arrays.copyOfRange(generations, first, generations.length),
                        Arrays.copyOfRange(after, first, after.length));
    }

    /** The offset of the position after message {@code sequence}. */
    public Offset offsetAt(long sequence) {
        return new Offset(generations[spanOf(sequence)], sequence);
    }

    /** Whether {@code offset} is a position of this channel, given that it is not beyond its tail. */
    public boolean contains(Offset offset) {
        return generations[spanOf(offset.sequence())] == offset.generation();
    }

    /**
     * Where a reader that stands at a position this channel does not have must go back to: the end of
     * what it may have read of this channel's messages.
     */
    public Offset lastCommonWith(Offset lost) {
        int span = 0;
        while (span + 1 < generations.length && generations[span + 1] <= lost.generation()) span++;
        if (generations[span] > lost.generation()) return offsetAt(after[0]);
        long end = span + 1 < generations.length ? after[span + 1] : lost.sequence();
        return offsetAt(Math.min(end, lost.sequence()));
    }

    // The span that wrote message `sequence`; for the position before all of them, the first.
    private int spanOf(long sequence) {
        int span = generations.length - 1;
        while (span > 0 && after[span] >= sequence) span--;
        return span;
    }

    /** The generation that wrote the newest messages. */
    public long newest() {
        return generations[generations.length - 1];
    }

    public int spans() {
        return generations.length;
    }

    public long generation(int span) {
        return generations[span];
    }

    public long after(int span) {
        return after[span];
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Lineage other
                && Arrays.equals(generations, other.generations)
                && Arrays.equals(after, other.after);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(generations) + Arrays.hashCode(after);
    }

    @Override
    public String toString() {
        return "Lineage" + Arrays.toString(generations) + Arrays.toString(after);
    }
}
