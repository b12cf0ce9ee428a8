package io.switchboard.core.channel;

import java.util.List;

/**
 * A pattern over channel names: {@code *} matches one segment, {@code **} any number, none included;
 * every other segment matches itself.
 *
 * @param value such as {@code chat/*}, {@code chat/**} or {@code prices}
 */
public record ChannelPattern(String value) {
    public static final int SEGMENTS_MAX = 16;

    /** @throws IllegalArgumentException if the pattern is empty, has empty segments or too many of them */
    public ChannelPattern {
        String[] segments = value.split("/", -1);
        if (segments.length > SEGMENTS_MAX) {
            throw new IllegalArgumentException("a pattern has at most " + SEGMENTS_MAX + " segments");
        }
        for (String segment : segments) {
            if (segment.isEmpty()) throw new IllegalArgumentException("a pattern has no empty segments");
            if (!segment.equals("*") && !segment.equals("**") && ChannelName.problemWith(segment) != null) {
                throw new IllegalArgumentException("not a segment of a channel name, *, or **: " + segment);
            }
        }
    }

    public boolean matches(ChannelName name) {
        List<String> pattern = List.of(value.split("/"));
        List<String> segments = List.of(name.value().split("/"));
        // reached[j]: the pattern so far matches the first j segments
        boolean[] reached = new boolean[segments.size() + 1];
        reached[0] = true;
        for (String part : pattern) {
            boolean[] next = new boolean[reached.length];
            boolean any = false;
            for (int j = 0; j < reached.length; j++) {
                if (part.equals("**")) {
                    any |= reached[j];
                    next[j] = any;
                } else if (j > 0 && reached[j - 1] && (part.equals("*") || part.equals(segments.get(j - 1)))) {
                    next[j] = true;
                }
            }
            reached = next;
        }
        return reached[segments.size()];
    }
}
