package io.switchboard.core.channel;

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

    /** Allocates nothing: it is asked at every append. */
    public boolean matches(ChannelName name) {
        String text = name.value();
        int part = 0; // where the next segment of the pattern begins; beyond its length at the end
        int segment = 0; // the same of the name
        int afterAny = -1; // behind the newest ** met
        int anyThrough = 0; // what that ** has taken so far ends before here
        while (segment <= text.length()) {
            if (part <= value.length() && is("**", part)) {
                part = after(value, part);
                afterAny = part;
                anyThrough = segment;
            } else if (part <= value.length() && (is("*", part) || isSame(part, text, segment))) {
                part = after(value, part);
                segment = after(text, segment);
            } else if (afterAny >= 0) {
                anyThrough = after(text, anyThrough);
                part = afterAny;
                segment = anyThrough;
            } else {
                return false;
            }
        }
        while (part <= value.length() && is("**", part)) part = after(value, part);
        return part > value.length();
    }

    private boolean is(String wanted, int part) {
        int end = part + wanted.length();
        return value.startsWith(wanted, part) && (end == value.length() || value.charAt(end) == '/');
    }

    private boolean isSame(int part, String text, int segment) {
        int length = after(value, part) - part;
        return after(text, segment) - segment == length && value.regionMatches(part, text, segment, length - 1);
    }

    // Where the segment behind the one at `start` begins.
    private static int after(String text, int start) {
        int slash = text.indexOf('/', start);
        return slash < 0 ? text.length() + 1 : slash + 1;
    }

    /** What every name that matches begins with; empty if they have nothing in common. */
    public String commonStart() {
        int star = value.indexOf('*');
        if (star < 0) return value;
        return star == 0 ? "" : value.substring(0, star - 1); // "a/**" matches "a" too
    }
}
