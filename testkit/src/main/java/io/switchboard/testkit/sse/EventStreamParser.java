package io.switchboard.testkit.sse;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads an event stream as the HTML standard tells a browser to (section 9.2.6, "Interpreting an event
 * stream"), from bytes that may be cut anywhere. What a browser forgives silently but our server should
 * never send is kept in {@link #oddities()}. One thread.
 */
public final class EventStreamParser {
    /**
     * An event as {@code EventSource} dispatches it.
     *
     * @param type {@code message} unless the stream names another
     * @param lastEventId of the stream at this event
     */
    public record Event(String type, String data, String lastEventId) {}

    /** What {@link #retryMillis()} gives as long as the stream did not say. */
    public static final long UNSAID = -1;

    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final StringBuilder data = new StringBuilder();
    private final List<String> comments = new ArrayList<>();
    private final List<String> oddities = new ArrayList<>();
    private List<Event> events = new ArrayList<>();
    private String type = "";
    private String idBuffer = "";
    private String lastEventId = "";
    private long retryMillis = UNSAID;
    private boolean firstLine = true;
    private boolean afterReturn;

    /** The events that {@code bytes} complete, in order. */
    public List<Event> feed(byte[] bytes) {
        return feed(bytes, 0, bytes.length);
    }

    /** The events that the bytes {@code from} (inclusive) to {@code to} (exclusive) complete, in order. */
    public List<Event> feed(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            boolean restOfBreak = afterReturn && b == '\n';
            afterReturn = b == '\r';
            if (restOfBreak) continue;
            if (b == '\n' || b == '\r') {
                endLine();
            } else {
                line.write(b);
            }
        }
        List<Event> complete = events;
        events = new ArrayList<>();
        return complete;
    }

    private void endLine() {
        String text = decode(line.toByteArray());
        line.reset();
        if (firstLine && text.startsWith("\ufeff")) text = text.substring(1);
        firstLine = false;
        if (text.isEmpty()) {
            dispatch();
            return;
        }
        int colon = text.indexOf(':');
        if (colon == 0) {
            comments.add(text.substring(1));
            return;
        }
        String field = colon < 0 ? text : text.substring(0, colon);
        String value = colon < 0 ? "" : text.substring(colon + 1);
        if (value.startsWith(" ")) value = value.substring(1);
        switch (field) {
            case "event" -> type = value;
            case "data" -> data.append(value).append('\n');
            case "id" -> {
                if (value.indexOf('\0') >= 0) oddities.add("an id with a zero character");
                else idBuffer = value;
            }
            case "retry" -> {
                if (value.matches("[0-9]{1,18}")) retryMillis = Long.parseLong(value);
                else oddities.add("a retry that is no number: " + value);
            }
            default -> oddities.add("an unknown field: " + field);
        }
    }

    private void dispatch() {
        lastEventId = idBuffer;
        if (data.isEmpty()) {
            if (!type.isEmpty()) oddities.add("an event without data: " + type);
            type = "";
            return;
        }
        data.setLength(data.length() - 1);
        events.add(new Event(type.isEmpty() ? "message" : type, data.toString(), lastEventId));
        data.setLength(0);
        type = "";
    }

    private String decode(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            oddities.add("a line that is no UTF-8");
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /** What {@code Last-Event-ID} would be in a reconnect now. */
    public String lastEventId() {
        return lastEventId;
    }

    /** The last {@code retry}, in milliseconds; {@link #UNSAID} without one. */
    public long retryMillis() {
        return retryMillis;
    }

    /** All comments so far, without their colon. */
    public List<String> comments() {
        return List.copyOf(comments);
    }

    /** What the stream should not contain. */
    public List<String> oddities() {
        return List.copyOf(oddities);
    }

    /** Whether the stream stands between two events: a cut here loses nothing. */
    public boolean betweenEvents() {
        return line.size() == 0 && data.isEmpty() && type.isEmpty() && idBuffer.equals(lastEventId);
    }
}
