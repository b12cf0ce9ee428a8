package io.switchboard.core.channel;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A position in a channel: after the message with this sequence, which was written in this
 * generation. Written {@code generation_sequence}, sixteen digits each, so that offsets of a channel
 * sort as text as they sort as positions (spec/protocol.md, section 1).
 *
 * @param generation of the message before this position, 0 to 10^16 - 1
 * @param sequence of the message before this position, 0 (nothing before it) to 10^16 - 1
 */
public record Offset(long generation, long sequence) implements Comparable<Offset> {
    public static final int LENGTH = 33;
    public static final long PART_MAX = 9_999_999_999_999_999L;

    /** Sixteen zeros twice: like {@code -1}, the earliest message that is retained. */
    public static final Offset ZERO = new Offset(0, 0);

    private static final int DIGITS = 16;

    public Offset {
        if (generation < 0 || generation > PART_MAX || sequence < 0 || sequence > PART_MAX) {
            throw new IllegalArgumentException("offset out of range: " + generation + "_" + sequence);
        }
    }

    /** The offset that {@code text} names; null unless it is exactly in the form of an offset. */
    public static @Nullable Offset parse(CharSequence text) {
        if (text.length() != LENGTH || text.charAt(DIGITS) != '_') return null;
        long generation = digits(text, 0);
        long sequence = digits(text, DIGITS + 1);
        return generation < 0 || sequence < 0 ? null : new Offset(generation, sequence);
    }

    private static long digits(CharSequence text, int from) {
        long n = 0;
        for (int i = from; i < from + DIGITS; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) return -1;
            n = n * 10 + digit;
        }
        return n;
    }

    /** Writes the {@value #LENGTH} ASCII characters of an offset into {@code target} at {@code at}. */
    public static void write(long generation, long sequence, byte[] target, int at) {
        writeDigits(generation, target, at);
        target[at + DIGITS] = '_';
        writeDigits(sequence, target, at + DIGITS + 1);
    }

    private static void writeDigits(long n, byte[] target, int at) {
        for (int i = at + DIGITS - 1; i >= at; i--) {
            target[i] = (byte) ('0' + n % 10);
            n /= 10;
        }
    }

    @Override
    public int compareTo(Offset other) {
        int byGeneration = Long.compare(generation, other.generation);
        return byGeneration != 0 ? byGeneration : Long.compare(sequence, other.sequence);
    }

    @Override
    public String toString() {
        byte[] text = new byte[LENGTH];
        write(generation, sequence, text, 0);
        return new String(text, StandardCharsets.ISO_8859_1);
    }
}
