package io.switchboard.http.wire;

/**
 * A count as headers and parameters carry it ({@code Stream-TTL}, {@code Producer-Seq}, {@code limit}): a
 * decimal number from 0 to 2^53 - 1, the integers JavaScript can hold, without leading zeros, sign,
 * fraction, exponent or spaces (Durable Streams, sections 5.1 and 5.2.1).
 */
public final class SafeInteger {
    public static final long MAX = (1L << 53) - 1;

    /** What {@link #parse} gives for anything else. */
    public static final long INVALID = -1;

    private static final int DIGITS_MAX = 16;

    private SafeInteger() {}

    /** The number {@code text} is, 0 to {@link #MAX}; {@link #INVALID} if it is none. */
    public static long parse(CharSequence text) {
        int length = text.length();
        if (length == 0 || length > DIGITS_MAX || (length > 1 && text.charAt(0) == '0')) return INVALID;
        long number = 0;
        for (int i = 0; i < length; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) return INVALID;
            number = number * 10 + digit;
        }
        return number <= MAX ? number : INVALID;
    }
}
