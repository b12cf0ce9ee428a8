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

    /**
     * The offset after message {@code index} of a page.
     *
     * <p>If a new generation begins within the page, nobody knows after which message. Then all but the last get
     * {@code start}: who resumes there reads some messages again, but misses none.
     *
     * @param start where the page was asked for
     * @param end where it ends
     * @param count how many messages it has
     */
    static String within(String start, String end, int count, int index) {
        if (index == count - 1) return end;
        if (!isOffset(start) || !isOffset(end) || !start.regionMatches(0, end, 0, GENERATION)) return start;
        long sequence = Long.parseLong(end, GENERATION, end.length(), 10) - (count - 1 - index);
        return end.substring(0, GENERATION) + "%016d".formatted(sequence);
    }
}
