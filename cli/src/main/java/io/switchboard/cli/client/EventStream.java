package io.switchboard.cli.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Takes an event stream apart (WHATWG HTML, section 9.2.6): bytes go in as they come, events come out when their
 * blank line has. One thread.
 */
final class EventStream {
    /** Far beyond the largest message a server can be set to take; who sends more sends no events. */
    private static final int EVENT_BYTES_MAX = 400 << 20;

    /**
     * An event, or with neither name nor data just a new position.
     *
     * @param name empty for a message
     * @param id of this event or of the last one that had one; empty if none had
     * @param data empty if there is no data line at all
     */
    record Event(String name, String id, Optional<byte[]> data) {}

    private byte[] bytes = new byte[16 * 1024];
    private int from; // where the line that is not complete yet begins
    private int looked; // up to here there is no end of a line in it
    private int to;
    private boolean begun;
    private boolean skipNewline; // the last line ended with a carriage return

    private String name = "";
    private String id = "";
    private boolean positionIsNew;
    private boolean hasData;
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private long retryMillis = -1;

    void add(byte[] more, int length) throws IOException {
        if (from > 0) {
            System.arraycopy(bytes, from, bytes, 0, to - from);
            looked -= from;
            to -= from;
            from = 0;
        }
        if ((long) to + length + data.size() > EVENT_BYTES_MAX) throw new IOException("an event without end");
        if (to + length > bytes.length) bytes = Arrays.copyOf(bytes, Math.max(to + length, bytes.length * 2));
        System.arraycopy(more, 0, bytes, to, length);
        to += length;
    }

    /** The next event; empty if it has not come completely. */
    Optional<Event> next() {
        while (true) {
            int end = lineEnd();
            if (end < 0) return Optional.empty();
            int start = from;
            from = end + 1;
            looked = from;
            if (end > start) {
                field(start, end);
                continue;
            }
            Optional<Event> event = dispatch();
            if (event.isPresent()) return event;
        }
    }

    /** What the server said how long to stay away, in milliseconds; negative if it said nothing. */
    long retryMillis() {
        return retryMillis;
    }

    private int lineEnd() {
        if (skipNewline && from < to) {
            skipNewline = false;
            if (bytes[from] == '\n') looked = ++from;
        }
        for (; looked < to; looked++) {
            if (bytes[looked] == '\n') return looked;
            if (bytes[looked] == '\r') {
                skipNewline = true;
                return looked;
            }
        }
        return -1;
    }

    private void field(int lineStart, int end) {
        int start = lineStart;
        if (!begun) {
            begun = true;
            boolean mark = end - start >= 3
                    && bytes[start] == (byte) 0xEF
                    && bytes[start + 1] == (byte) 0xBB
                    && bytes[start + 2] == (byte) 0xBF;
            if (mark) start += 3;
        }
        int colon = start;
        while (colon < end && bytes[colon] != ':') colon++;
        int value = Math.min(end, colon + 1);
        if (value < end && bytes[value] == ' ') value++;
        switch (text(start, colon)) {
            case "data" -> {
                if (hasData) data.write('\n');
                hasData = true;
                data.write(bytes, value, end - value);
            }
            case "id" -> {
                String given = text(value, end);
                if (given.indexOf(0) < 0) {
                    id = given;
                    positionIsNew = true;
                }
            }
            case "event" -> name = text(value, end);
            case "retry" -> {
                String given = text(value, end);
                if (given.matches("[0-9]{1,9}")) retryMillis = Long.parseLong(given);
            }
            default -> {} // a comment, or a field of a later time
        }
    }

    private String text(int start, int end) {
        return new String(bytes, start, end - start, StandardCharsets.UTF_8);
    }

    private Optional<Event> dispatch() {
        begun = true;
        if (!hasData && !positionIsNew) {
            name = "";
            return Optional.empty();
        }
        Event event = new Event(hasData ? name : "", id, hasData ? Optional.of(data.toByteArray()) : Optional.empty());
        data.reset();
        hasData = false;
        positionIsNew = false;
        name = "";
        return Optional.of(event);
    }
}
