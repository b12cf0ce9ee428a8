package io.switchboard.http.wire;

import java.util.List;

/** What kind of answer a request wants (RFC 9110, section 12.5.1). */
public final class Accept {
    private static final String EVENT_STREAM = "text/event-stream";

    private Accept() {}

    /**
     * Whether an event stream is asked for: {@code text/event-stream} stands there by name, with a weight
     * above zero and no other range above its own. {@code *}{@code /*} and {@code text/*} do not ask for it.
     *
     * @param accept the values of the header's fields, none, one or several
     */
    public static boolean asksForEventStream(List<String> accept) {
        int eventStream = 0;
        int others = 0;
        for (String field : accept) {
            int start = 0;
            while (start <= field.length()) {
                int end = endOfElement(field, start, ',');
                int nameEnd = Math.min(end, endOfElement(field, start, ';'));
                int weight = weight(field, nameEnd, end);
                if (field.substring(start, nameEnd).strip().equalsIgnoreCase(EVENT_STREAM)) {
                    eventStream = Math.max(eventStream, weight);
                } else if (!field.substring(start, nameEnd).isBlank()) {
                    others = Math.max(others, weight);
                }
                start = end + 1;
            }
        }
        return eventStream > 0 && eventStream >= others;
    }

    /** Thousandths, 0 to 1,000, from the parameters between {@code from} and {@code end}; 1,000 without a {@code q}. */
    private static int weight(String field, int from, int end) {
        int start = from + 1;
        while (start < end) {
            int stop = Math.min(end, endOfElement(field, start, ';'));
            String parameter = field.substring(start, stop).strip();
            if (parameter.regionMatches(true, 0, "q=", 0, 2)) return thousandths(parameter.substring(2));
            start = stop + 1;
        }
        return 1000;
    }

    // A weight is 0 or 1 with at most three decimals; anything else counts as unwanted.
    private static int thousandths(String q) {
        if (q.isEmpty() || q.length() > 5 || (q.length() > 1 && q.charAt(1) != '.')) return 0;
        int value = 0;
        for (int i = 0, scale = 1000; i < q.length(); i++) {
            if (i == 1) continue;
            int digit = q.charAt(i) - '0';
            if (digit < 0 || digit > 9) return 0;
            value += digit * scale;
            scale /= 10;
        }
        return value <= 1000 ? value : 0;
    }

    /** Where {@code separator} next stands outside quotes, from {@code start} on; the field's end without one. */
    private static int endOfElement(String field, int start, char separator) {
        boolean quoted = false;
        for (int i = start; i < field.length(); i++) {
            char c = field.charAt(i);
            if (quoted && c == '\\') i++;
            else if (c == '"') quoted = !quoted;
            else if (!quoted && c == separator) return i;
        }
        return field.length();
    }
}
