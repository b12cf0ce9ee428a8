package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/** The body of a request while it arrives, counted against what all of them may hold together. Belongs to a loop. */
final class Upload {
    private static final int FIRST_BYTES = 16 * 1024;
    /** One that brings less within its time stands still. */
    private static final int PROGRESS_BYTES = 1024;

    private static final byte[] NOTHING = new byte[0];

    enum Step {
        TAKEN,
        /** The body is longer than one may be. */
        TOO_LARGE,
        /** All bodies together are as long as they may be. */
        NO_ROOM
    }

    private final AtomicLong inFlight; // of all connections
    private final long inFlightMax;
    private final int bytesMax;
    private byte[] bytes = NOTHING;
    private int length;
    private int progress; // length when it was last found to move

    Upload(AtomicLong inFlight, long inFlightMax, int bytesMax) {
        this.inFlight = inFlight;
        this.inFlightMax = inFlightMax;
        this.bytesMax = bytesMax;
    }

    /** @param announced the length of the whole; -1 if that is not known */
    Step add(ByteBuf piece, long announced) {
        int more = piece.readableBytes();
        if (more > bytesMax - length) return Step.TOO_LARGE;
        if (inFlight.addAndGet(more) > inFlightMax) {
            inFlight.addAndGet(-more);
            return Step.NO_ROOM;
        }
        if (length + more > bytes.length) grow(length + more, announced);
        piece.readBytes(bytes, length, more);
        length += more;
        return Step.TAKEN;
    }

    private void grow(int needed, long announced) {
        int size;
        if (announced >= needed && announced <= FIRST_BYTES) size = (int) announced;
        else if (announced >= needed && needed > FIRST_BYTES / 2) size = (int) Math.min(announced, 4L * needed);
        else size = Math.max(needed, Math.min(bytesMax, 2 * bytes.length));
        bytes = Arrays.copyOf(bytes, size);
    }

    /** Whether it has moved since this was last true. */
    boolean hasMoved() {
        if (length - progress < PROGRESS_BYTES) return false;
        progress = length;
        return true;
    }

    /** All that came; nobody else's. It counts until {@link #release}. */
    byte[] content() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }

    /** Lets it go: what comes next is another. */
    void release() {
        if (length > 0) inFlight.addAndGet(-length);
        length = 0;
        progress = 0;
        bytes = NOTHING;
    }
}
