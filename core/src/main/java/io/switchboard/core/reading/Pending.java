package io.switchboard.core.reading;

import io.switchboard.core.channel.Run;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages that wait for a round, in their order and each once, in whatever order they were heard of. There may be holes
 * between them. Where they are more than {@value #BYTES_MAX} bytes, the oldest are let go.
 */
final class Pending {
    static final int BYTES_MAX = 4 * 1024 * 1024;

    /** Nothing, for all who have nothing; must not be added to. */
    static final Pending NONE = new Pending();

    private final ArrayDeque<Run.Slice> slices = new ArrayDeque<>(1);
    private long bytes;
    private boolean overflown;

    boolean isEmpty() {
        return slices.isEmpty();
    }

    /** Bytes of payload. */
    long bytes() {
        return bytes;
    }

    /** Of the first of them; there has to be one. */
    long firstSequence() {
        return slices.getFirst().firstSequence();
    }

    /** Whether the oldest were let go since the last were taken. */
    boolean isOverflown() {
        return overflown;
    }

    /** What was heard of before is passed over, and what comes late goes to its place. */
    void add(Run.Slice slice) {
        if (slices.isEmpty() || slices.getLast().lastSequence() < slice.firstSequence()) slices.add(slice);
        else if (!insert(slice)) return;
        bytes += slice.payloadBytes();
        while (bytes > BYTES_MAX && slices.size() > 1) {
            bytes -= slices.remove().payloadBytes();
            overflown = true;
        }
    }

    private boolean insert(Run.Slice slice) {
        ArrayDeque<Run.Slice> later = new ArrayDeque<>();
        while (!slices.isEmpty() && slices.getLast().firstSequence() > slice.lastSequence()) {
            later.addFirst(slices.removeLast());
        }
        boolean isNew = slices.isEmpty() || slices.getLast().lastSequence() < slice.firstSequence();
        if (isNew) slices.add(slice);
        slices.addAll(later);
        return isNew;
    }

    /** What the log says comes in the place of what was heard of it. */
    void prepend(Run run) {
        while (!slices.isEmpty() && slices.getFirst().firstSequence() <= run.lastSequence()) {
            bytes -= slices.remove().payloadBytes();
        }
        for (Run.Slice slice : run.slices().reversed()) {
            slices.addFirst(slice);
            bytes += slice.payloadBytes();
        }
    }

    /** Takes the first, and what follows it without a hole: {@code bytesMax} at most, or one slice. There has to be one. */
    Run take(int bytesMax) {
        List<Run.Slice> taken = new ArrayList<>(slices.size());
        long takenBytes = 0;
        Run.Slice slice;
        do {
            slice = slices.remove();
            taken.add(slice);
            takenBytes += slice.payloadBytes();
        } while (!slices.isEmpty()
                && takenBytes + slices.element().payloadBytes() <= bytesMax
                && slices.element().firstSequence() == slice.lastSequence() + 1);
        bytes -= takenBytes;
        overflown = false;
        return new Run(taken);
    }
}
