package io.switchboard.http.websocket;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Compresses and expands messages, each by itself (RFC 7692, section 7.2). One a thread serves all its
 * connections, because nothing is kept from one message to the next.
 */
public final class Compression {
    /** Shorter messages are sent as they are: the effort would be greater than the gain. */
    public static final int BYTES_MIN = 256;

    private static final int LEVEL = 1; // most of the gain for a third of the time
    private static final int FIRST_BYTES = 4 * 1024;
    private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff};
    private static final ThreadLocal<Compression> OF_THREAD = ThreadLocal.withInitial(Compression::new);

    private final Deflater deflater = new Deflater(LEVEL, true);
    private final Inflater inflater = new Inflater(true);
    private byte[] scratch = new byte[FIRST_BYTES];

    private Compression() {}

    /** The caller's own. */
    public static Compression ofThread() {
        return OF_THREAD.get();
    }

    /**
     * The message compressed; null if it goes better as it is: too short, not made smaller, or longer than the
     * window, since what points further back than the window would be lost on the other side.
     *
     * @param windowBits 8 to 15; with 15 any length will do
     */
    public byte @Nullable [] compress(byte[] bytes, int from, int to, int windowBits) {
        int length = to - from;
        if (length < BYTES_MIN || (windowBits < Deflate.WINDOW_BITS_MAX && length > 1 << windowBits)) return null;
        if (scratch.length < length) scratch = new byte[length];
        deflater.reset();
        deflater.setInput(bytes, from, length);
        int size = deflater.deflate(scratch, 0, length, Deflater.SYNC_FLUSH);
        // A flush ends in the four bytes that are left out; whatever fills the room may not have ended.
        if (size >= length || size < TAIL.length) return trimmed(null);
        return trimmed(Arrays.copyOf(scratch, size - TAIL.length));
    }

    private byte @Nullable [] trimmed(byte @Nullable [] result) {
        if (scratch.length > 1 << 20) scratch = new byte[FIRST_BYTES];
        return result;
    }

    /** What expanding a message may give. */
    public sealed interface Expanded {
        @SuppressWarnings("ArrayRecordComponent") // a carrier; compared by nobody
        record Message(byte[] bytes) implements Expanded {}

        /** More than was allowed; no more than that was ever held. */
        record TooBig() implements Expanded {}

        record Damaged() implements Expanded {}
    }

    /**
     * @param length of the compressed message at the beginning of {@code bytes}
     * @param bytesMax the most it may expand to
     */
    public Expanded expand(byte[] bytes, int length, int bytesMax) {
        inflater.reset();
        byte[] out = new byte[(int) Math.min(bytesMax, Math.max(64, 3L * length))];
        int size = 0;
        boolean atTail = false;
        inflater.setInput(bytes, 0, length);
        try {
            while (true) {
                if (size == out.length && out.length < bytesMax) {
                    out = Arrays.copyOf(out, (int) Math.min(bytesMax, 2L * out.length));
                }
                // with all room taken, one more byte tells whether there is more
                boolean full = size == out.length;
                int got = full ? inflater.inflate(new byte[1]) : inflater.inflate(out, size, out.length - size);
                if (got > 0) {
                    if (full) return new Expanded.TooBig();
                    size += got;
                } else if (inflater.finished() && !atTail && inflater.getRemaining() > 1) {
                    return new Expanded.Damaged(); // a last block, but more than the byte of padding behind it
                } else if (inflater.finished() || (atTail && inflater.needsInput())) {
                    return new Expanded.Message(size == out.length ? out : Arrays.copyOf(out, size));
                } else if (inflater.needsDictionary()) {
                    return new Expanded.Damaged();
                } else if (inflater.needsInput()) {
                    atTail = true;
                    inflater.setInput(TAIL);
                } else {
                    return new Expanded.Damaged();
                }
            }
        } catch (DataFormatException e) {
            return new Expanded.Damaged();
        }
    }
}
