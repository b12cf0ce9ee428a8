package io.switchboard.core.channel;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A position in a channel: after the message with this sequence, which was written in this
 * generation. Written as these two numbers, each behind a letter that says how many digits it has, {@code a} for 1 to
 * {@code p} for 16: {@code a1c123} is generation 1, sequence 123. So offsets of a channel sort as text as they sort as
 * positions (spec/protocol.md, section 1; docs/decisions/0017).
 *
 * @param generation of the message before this position, 0 to 10^16 - 1
 * @param sequence of the message before this position, 0 (nothing before it) to 10^16 - 1
 */
public record Offset(long generation, long sequence) implements Comparable<Offset> {
    private static final int DIGITS_MAX = 16;
    /** The characters of the longest offset; the shortest has four. */
    public static final int LENGTH_MAX = 2 * (1 + DIGITS_MAX);

    public static final long PART_MAX = 9_999_999_999_999_999L;

    /** Like {@code -1}, the earliest message that is retained. */
    public static final Offset ZERO = new Offset(0, 0);

    public Offset {
        if (generation < 0 || generation > PART_MAX || sequence < 0 || sequence > PART_MAX) {
            throw new IllegalArgumentException("offset out of range: " + generation + ", " + sequence);
        }
    }

    /** The offset that {@code text} names; null unless it is exactly in the form of an offset. */
    public static @Nullable Offset parse(CharSequence text) {
        int between = endOfPart(text, 0);
        if (between < 0 || endOfPart(text, between) != text.length()) return null;
        return new Offset(Long.parseLong(text, 1, between, 10), Long.parseLong(text, between + 1, text.length(), 10));
    }

    /** Behind the letter at {@code from} and as many digits as it says, of which the first of several is not 0; or -1. */
    private static int endOfPart(CharSequence text, int from) {
        if (from >= text.length()) return -1;
        int digits = text.charAt(from) - 'a' + 1;
        int end = from + 1 + digits;
        if (digits < 1 || digits > DIGITS_MAX || end > text.length()) return -1;
        for (int i = from + 1; i < end; i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') return -1;
        }
        return digits > 1 && text.charAt(from + 1) == '0' ? -1 : end;
    }

    /** How many characters an offset of these two has. */
    public static int length(long generation, long sequence) {
        return 2 + digits(generation) + digits(sequence);
    }

    /** How many characters the offsets have in all whose sequences are {@code count} numbers from {@code first} on. */
    public static long length(long generation, long first, int count) {
        long length = 0;
        long from = first;
        for (long end = first + count; from < end; ) {
            int digits = digits(from);
            long asLong = Math.min(end, powerOfTen(digits)); // the first number that has more digits
            length += (asLong - from) * digits;
            from = asLong;
        }
        return length + (2L + digits(generation)) * count;
    }

    private static int digits(long n) {
        int digits = 1;
        for (long rest = n / 10; rest > 0; rest /= 10) digits++;
        return digits;
    }

    private static long powerOfTen(int exponent) {
        long power = 1;
        for (int i = 0; i < exponent; i++) power *= 10;
        return power;
    }

    /**
     * Writes an offset in ASCII into {@code target} at {@code at}.
     *
     * @return where it ends
     */
    public static int write(long generation, long sequence, byte[] target, int at) {
        return writePart(sequence, target, writePart(generation, target, at));
    }

    private static int writePart(long n, byte[] target, int at) {
        int digits = digits(n);
        target[at] = (byte) ('a' + digits - 1);
        long rest = n;
        for (int i = at + digits; i > at; i--) {
            target[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return at + 1 + digits;
    }

    @Override
    public int compareTo(Offset other) {
        int byGeneration = Long.compare(generation, other.generation);
        return byGeneration != 0 ? byGeneration : Long.compare(sequence, other.sequence);
    }

    @Override
    public String toString() {
        byte[] text = new byte[length(generation, sequence)];
        write(generation, sequence, text, 0);
        return new String(text, StandardCharsets.ISO_8859_1);
    }
}
