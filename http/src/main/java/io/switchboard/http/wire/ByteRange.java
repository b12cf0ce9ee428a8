package io.switchboard.http.wire;

import org.jspecify.annotations.Nullable;

/**
 * What part of a file a request wants (RFC 9110, section 14). A {@code Range} that is malformed, in
 * another unit, or names several ranges is ignored, as the RFC allows: the answer is the whole file.
 */
public sealed interface ByteRange {
    /** All of it: status 200. */
    record Whole() implements ByteRange {}

    /**
     * One part: status 206.
     *
     * @param first byte of the part, from 0
     * @param last byte of the part, inclusive, less than the file's length
     */
    record Part(long first, long last) implements ByteRange {
        public long length() {
            return last - first + 1;
        }

        /** The value of {@code Content-Range} in the answer. */
        public String contentRange(long length) {
            return "bytes " + first + "-" + last + "/" + length;
        }
    }

    /** A part that is not there: status 416, with {@link #unsatisfiedContentRange}. */
    record Unsatisfiable() implements ByteRange {}

    static String unsatisfiedContentRange(long length) {
        return "bytes */" + length;
    }

    /**
     * @param range the value of {@code Range}; null without one
     * @param ifRange the value of {@code If-Range}; null without one
     * @param etag the file's strong tag
     * @param length of the file, 0 or more
     */
    static ByteRange of(@Nullable String range, @Nullable String ifRange, String etag, long length) {
        if (range == null || (ifRange != null && !ETags.sameStrong(ifRange.strip(), etag))) return new Whole();
        String set = range.strip();
        if (!set.regionMatches(true, 0, "bytes=", 0, 6)) return new Whole();
        int dash = set.indexOf('-', 6);
        if (dash < 0) return new Whole();
        String from = set.substring(6, dash).strip();
        String to = set.substring(dash + 1).strip();
        if (!isDigits(from) || !isDigits(to) || (from.isEmpty() && to.isEmpty())) return new Whole();
        if (from.isEmpty()) {
            long suffix = saturated(to);
            if (suffix == 0) return new Unsatisfiable();
            return length == 0 ? new Whole() : new Part(Math.max(0, length - suffix), length - 1);
        }
        long first = saturated(from);
        long last = to.isEmpty() ? Long.MAX_VALUE : saturated(to);
        if (last < first) return new Whole();
        return first >= length ? new Unsatisfiable() : new Part(first, Math.min(last, length - 1));
    }

    private static boolean isDigits(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') return false;
        }
        return true;
    }

    private static long saturated(String digits) {
        long number = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(i) - '0';
            if (number > (Long.MAX_VALUE - digit) / 10) return Long.MAX_VALUE;
            number = number * 10 + digit;
        }
        return number;
    }
}
