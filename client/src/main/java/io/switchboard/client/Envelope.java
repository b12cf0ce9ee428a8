package io.switchboard.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A message as it travels (spec/protocol.md, section 4.4).
 *
 * @param data the JSON value verbatim, or base64
 * @param binary whether it is base64
 * @param skipped messages left out before it for a rate
 */
record Envelope(String channel, String offset, String data, boolean binary, long skipped) {
    private static final Pattern COUNT = Pattern.compile("[0-9]{1,15}");

    /** @throws Json.Malformed if it is none */
    static Envelope of(Map<String, String> members) throws Json.Malformed {
        String channel = text(members, "channel");
        String offset = text(members, "offset");
        String data = members.get("data");
        String base64 = members.get("base64");
        boolean binary = data == null;
        if (channel.isEmpty() || offset.isEmpty() || (data == null && base64 == null)) {
            throw new Json.Malformed(0, "an envelope");
        }
        String payload = binary ? Json.unquote(base64 == null ? "" : base64) : data;
        return new Envelope(channel, offset, payload == null ? "" : payload, binary, number(members, "skipped"));
    }

    /** The envelopes of an answer to {@code as=envelopes}. */
    static List<Envelope> all(String array) throws Json.Malformed {
        List<Envelope> envelopes = new ArrayList<>();
        for (String element : Json.elements(array)) envelopes.add(of(Json.members(element)));
        return envelopes;
    }

    /** A text among the members; empty if it is not there. */
    static String text(Map<String, String> members, String name) {
        @Nullable String value = members.get(name);
        return value == null ? "" : Json.unquote(value);
    }

    /** A whole number among the members; 0 if it is not there. */
    static long number(Map<String, String> members, String name) {
        @Nullable String value = members.get(name);
        return value == null || !COUNT.matcher(value).matches() ? 0 : Long.parseLong(value);
    }
}
