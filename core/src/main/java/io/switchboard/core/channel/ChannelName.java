package io.switchboard.core.channel;

import org.jspecify.annotations.Nullable;

/**
 * The name of a channel: 1 to {@value #SEGMENTS_MAX} segments joined by {@code /}, each 1 to
 * {@value #SEGMENT_LENGTH_MAX} of {@code A-Z a-z 0-9 - _ . : @ = , ~ +}. The segments {@code .} and
 * {@code ..} and a first segment {@code __ds} are refused (spec/protocol.md, section 1).
 *
 * @param value the name, already percent-decoded
 */
public record ChannelName(String value) implements Comparable<ChannelName> {
    public static final int SEGMENTS_MAX = 16;
    public static final int SEGMENT_LENGTH_MAX = 128;

    private static final boolean[] ALLOWED = new boolean[128];

    static {
        for (char c = 'a'; c <= 'z'; c++) ALLOWED[c] = true;
        for (char c = 'A'; c <= 'Z'; c++) ALLOWED[c] = true;
        for (char c = '0'; c <= '9'; c++) ALLOWED[c] = true;
        for (char c : "-_.:@=,~+".toCharArray()) ALLOWED[c] = true;
    }

    /** @throws IllegalArgumentException with a sentence for a person, if {@code value} is no channel name */
    public ChannelName {
        String problem = problemWith(value);
        if (problem != null) throw new IllegalArgumentException(problem);
    }

    /** What is wrong with {@code value} as a channel name, in a sentence; null if it is one. */
    public static @Nullable String problemWith(String value) {
        int segments = 0;
        int start = 0;
        for (int i = 0; i <= value.length(); i++) {
            if (i < value.length() && value.charAt(i) != '/') {
                char c = value.charAt(i);
                if (c >= 128 || !ALLOWED[c]) {
                    return "A channel name has only letters, digits and - _ . : @ = , ~ + in its segments.";
                }
                continue;
            }
            int length = i - start;
            if (length == 0) return "A channel name has no empty segments.";
            if (length > SEGMENT_LENGTH_MAX) {
                return "A segment of a channel name has at most " + SEGMENT_LENGTH_MAX + " characters.";
            }
            if (length <= 2 && value.charAt(start) == '.' && value.charAt(i - 1) == '.') {
                return "A channel name has no segments . and .. in it.";
            }
            if (segments == 0 && length == 4 && value.startsWith("__ds")) {
                return "Channel names that begin with __ds are reserved.";
            }
            if (++segments > SEGMENTS_MAX) {
                return "A channel name has at most " + SEGMENTS_MAX + " segments.";
            }
            start = i + 1;
        }
        return null;
    }

    @Override
    public int compareTo(ChannelName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
