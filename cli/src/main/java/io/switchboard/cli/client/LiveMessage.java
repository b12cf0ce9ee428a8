package io.switchboard.cli.client;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/** What the server says on a WebSocket of {@code switchboard.v1}: one JSON object a frame (spec/protocol.md, section 4). */
sealed interface LiveMessage {
    record Delivered(Message message) implements LiveMessage {}

    record Gap(String from, String to) implements LiveMessage {}

    record Closed() implements LiveMessage {}

    record Deleted() implements LiveMessage {}

    record Reconnect(Duration after) implements LiveMessage {}

    /** The token is about to expire; until then another can take its place. */
    record Expiring() implements LiveMessage {}

    /** @param offset where the subscription begins; empty if the server does not say */
    record Subscribed(String offset) implements LiveMessage {}

    /** @param code a word of the catalogue of errors */
    record Refused(String code, String sentence) implements LiveMessage {}

    /** Of a later time, or of no meaning to a reader. */
    record Other() implements LiveMessage {}

    /** @param kind of the channel, since JSON and text may look the same */
    static LiveMessage parse(byte[] frame, Kind kind) {
        Optional<Map<String, byte[]>> object = JsonText.members(frame);
        if (object.isEmpty()) return new Other();
        Map<String, byte[]> members = object.get();
        // Whether a renewed token was taken shows when the old one ends.
        if (text(members, "reply").equals(WebSocketSource.AUTH_ID)) return new Other();
        if (members.containsKey("error")) {
            Map<String, byte[]> error = inner(members, "error");
            return new Refused(text(error, "code"), text(error, "message"));
        }
        if (members.containsKey("reply")) return new Subscribed(text(inner(members, "ok"), "offset"));
        if (members.containsKey("event")) return event(members);
        if (!members.containsKey("offset")) return new Other();
        return data(members, kind)
                .<LiveMessage>map(data -> new Delivered(new Message(text(members, "offset"), kind, data)))
                .orElseGet(Other::new);
    }

    private static LiveMessage event(Map<String, byte[]> members) {
        return switch (text(members, "event")) {
            case "gap" -> new Gap(text(members, "from"), text(members, "to"));
            case "closed" -> new Closed();
            case "deleted" -> new Deleted();
            case "expiring" -> new Expiring();
            case "reconnect" -> new Reconnect(seconds(text(members, "after")));
            default -> new Other();
        };
    }

    private static Optional<byte[]> data(Map<String, byte[]> members, Kind kind) {
        byte[] base64 = members.get("base64");
        if (base64 != null) {
            try {
                return Optional.of(Base64.getDecoder().decode(JsonText.unquote(base64)));
            } catch (IllegalArgumentException notBase64) {
                return Optional.empty();
            }
        }
        byte[] data = members.get("data");
        if (data == null || kind == Kind.JSON) return Optional.ofNullable(data);
        return Optional.of(JsonText.unquote(data).getBytes(StandardCharsets.UTF_8));
    }

    private static Map<String, byte[]> inner(Map<String, byte[]> members, String name) {
        return JsonText.members(members.getOrDefault(name, new byte[0])).orElse(Map.of());
    }

    private static String text(Map<String, byte[]> members, String name) {
        byte[] value = members.get(name);
        return value == null ? "" : JsonText.unquote(value);
    }

    private static Duration seconds(String number) {
        try {
            return Duration.ofMillis((long) (Math.clamp(Double.parseDouble(number), 0, 3_600) * 1_000));
        } catch (NumberFormatException unsaid) {
            return Duration.ZERO;
        }
    }
}
