package io.switchboard.cli.client;

/**
 * Offsets are opaque, but for one thing: the sequence, which is the second of their two numbers, grows by one with each
 * message. That tells where the messages of a page lie, as long as its ends are of one generation. Each number stands
 * behind a letter that says how many digits it has, {@code a} for 1 to {@code p} for 16.
 */
final class Offsets {
    static final String BEGINNING = "-1";
    static final String NOW = "now";

    private static final int DIGITS_MAX = 16;

    private Offsets() {}

    static boolean isOffset(String text) {
        int sequence = endOfNumber(text, 0);
        return sequence > 0 && endOfNumber(text, sequence) == text.length();
    }

    /** Behind the number whose letter is at {@code from}; 0 if there is none. */
    private static int endOfNumber(String text, int from) {
        if (from >= text.length()) return 0;
        int digits = text.charAt(from) - 'a' + 1;
        int end = from + 1 + digits;
        if (digits < 1 || digits > DIGITS_MAX || end > text.length()) return 0;
        String number = text.substring(from + 1, end);
        boolean plain = number.chars().allMatch(c -> c >= '0' && c <= '9');
        return plain && (digits == 1 || number.charAt(0) != '0') ? end : 0;
    }

    /** Whether both are offsets, and of one generation. */
    static boolean haveOneGeneration(String one, String other) {
        return isOffset(one) && isOffset(other) && generation(one).equals(generation(other));
    }

    /**
     * The offset after message {@code index} of a page.
     *
     * <p>Where a new generation begins within the page, messages before that get {@code start}: who resumes there reads
     * some of them again, but misses none.
     *
     * @param start where the page was asked for
     * @param sure an offset on the page, with all after it of one generation; {@code start} if none is known
     * @param end where it ends
     * @param count how many messages it has
     */
    static String within(String start, String sure, String end, int count, int index) {
        if (index == count - 1) return end;
        if (!haveOneGeneration(sure, end)) return start;
        long sequence = sequence(end) - (count - 1 - index);
        return sequence < sequence(sure) ? start : generation(end) + number(sequence);
    }

    private static String number(long n) {
        String digits = Long.toString(n);
        return (char) ('a' + digits.length() - 1) + digits;
    }

    private static String generation(String offset) {
        return offset.substring(0, endOfNumber(offset, 0));
    }

    private static long sequence(String offset) {
        return Long.parseLong(offset, endOfNumber(offset, 0) + 1, offset.length(), 10);
    }
}
