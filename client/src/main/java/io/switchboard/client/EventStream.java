package io.switchboard.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Takes an event stream apart (WHATWG HTML, section 9.2.6) as its bytes come. One thread at a time.
 */
final class EventStream {
    /** Far beyond what a server sends for its largest message; more than that without an end is no event. */
    private static final int EVENT_BYTES_MAX = 64 << 20;

    private static final Pattern MILLIS = Pattern.compile("[0-9]{1,9}");

    /** Who is told what came. */
    interface Events {
        /** Bytes came, of whatever kind. */
        void alive();

        /**
         * An event, or with neither name nor data just a new id.
         *
         * @param name empty for a message
         * @param id its own; empty if it has none
         */
        void event(String name, String id, String data);

        /** How long to stay away before coming back, in milliseconds. */
        void retry(long millis);
    }

    private final Events events;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final StringBuilder data = new StringBuilder();
    private boolean hasData;
    private boolean afterReturn;
    private boolean begun;
    private String name = "";
    private String id = "";

    EventStream(Events events) {
        this.events = events;
    }

    /** @throws IOException if this is no event stream any more */
    void add(ByteBuffer bytes) throws IOException {
        if (!bytes.hasRemaining()) return;
        events.alive();
        while (bytes.hasRemaining()) {
            byte b = bytes.get();
            boolean secondHalf = b == '\n' && afterReturn;
            afterReturn = b == '\r';
            if (secondHalf) continue;
            if (b == '\n' || b == '\r') {
                String text = line.toString(StandardCharsets.UTF_8);
                line.reset();
                take(text);
            } else {
                line.write(b);
            }
            if (line.size() + data.length() > EVENT_BYTES_MAX) throw new IOException("an event without end");
        }
    }

    private void take(String whole) {
        String text = begun || !whole.startsWith("\uFEFF") ? whole : whole.substring(1);
        begun = true;
        if (text.isEmpty()) {
            dispatch();
            return;
        }
        int colon = text.indexOf(':');
        String field = colon < 0 ? text : text.substring(0, colon);
        String value = colon < 0 ? "" : text.substring(colon + 1);
        if (value.startsWith(" ")) value = value.substring(1);
        switch (field) {
            case "data" -> {
                if (hasData) data.append('\n');
                hasData = true;
                data.append(value);
            }
            case "event" -> name = value;
            case "id" -> id = value;
            case "retry" -> {
                if (MILLIS.matcher(value).matches()) events.retry(Long.parseLong(value));
            }
            default -> {} // a comment, or a field of a later time
        }
    }

    private void dispatch() {
        if (hasData || !id.isEmpty()) events.event(hasData ? name : "", id, data.toString());
        data.setLength(0);
        hasData = false;
        name = "";
        id = "";
    }
}
