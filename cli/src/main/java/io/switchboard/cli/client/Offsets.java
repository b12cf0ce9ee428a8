package io.switchboard.cli.client;

import java.util.regex.Pattern;

/**
 * Offsets are opaque, but for one thing: the sequence, which is their second half, grows by one with each message.
 * That tells where the messages of a page lie, as long as its ends are of one generation.
 */
final class Offsets {
    static final String BEGINNING = "-1";
    static final String NOW = "now";

    private static final Pattern FORM = Pattern.compile("\\d{16}_\\d{16}");
    private static final int GENERATION = 17;

    private Offsets() {}

    static boolean isOffset(String text) {
        return FORM.matcher(text).matches();
    }

    /** Whether both are offsets, and of one generation. */
    static boolean haveOneGeneration(String one, String other) {
        return isOffset(one) && isOffset(other) && one.regionMatches(0, other, 0, GENERATION);
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
        return sequence < sequence(sure) ? start : end.substring(0, GENERATION) + "%016d".formatted(sequence);
    }

    private static long sequence(String offset) {
        return Long.parseLong(offset, GENERATION, offset.length(), 10);
    }
}
