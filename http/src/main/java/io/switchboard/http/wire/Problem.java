package io.switchboard.http.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a peer is told when its request fails, as RFC 9457 problem JSON. Never carries an exception's text.
 *
 * @param code the entry of the catalogue
 * @param detail one sentence for a person: what was expected, what came, what to do
 * @param members further ones for programs, such as {@code reason} and {@code earliest}
 */
public record Problem(ErrorCode code, String detail, List<Member> members) {
    public static final String CONTENT_TYPE = "application/problem+json";
    public static final int MEMBERS_MAX = 16;

    private static final String HEX = "0123456789abcdef";

    /** A further member of the JSON object. */
    public sealed interface Member {
        String name();
    }

    public record Text(String name, String value) implements Member {}

    public record Count(String name, long value) implements Member {}

    public Problem {
        members = List.copyOf(members);
        if (members.size() > MEMBERS_MAX) throw new IllegalArgumentException("too many members");
    }

    public static Problem of(ErrorCode code, String detail) {
        return new Problem(code, detail, List.of());
    }

    /** This problem with one more member. */
    public Problem with(String name, String value) {
        return with(new Text(name, value));
    }

    /** This problem with one more member. */
    public Problem with(String name, long value) {
        return with(new Count(name, value));
    }

    private Problem with(Member member) {
        List<Member> all = new ArrayList<>(members);
        all.add(member);
        return new Problem(code, detail, all);
    }

    public int status() {
        return code.status();
    }

    /** The body: a JSON object in UTF-8. */
    public byte[] json() {
        StringBuilder json = new StringBuilder(160 + detail.length());
        json.append("{\"type\":\"about:blank\",\"title\":\"").append(code.title());
        json.append("\",\"status\":").append(code.status());
        json.append(",\"detail\":");
        quote(detail, json);
        json.append(",\"code\":\"").append(code.word()).append('"');
        members(json);
        return json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    }

    /** What a line is told: a JSON object with the code and the sentence alone, and the further members. */
    public String error() {
        StringBuilder json = new StringBuilder(64 + detail.length());
        json.append("{\"code\":\"").append(code.word()).append("\",\"message\":");
        quote(detail, json);
        members(json);
        return json.append('}').toString();
    }

    private void members(StringBuilder json) {
        for (Member member : members) {
            json.append(',');
            quote(member.name(), json);
            json.append(':');
            switch (member) {
                case Text(String name, String value) -> quote(value, json);
                case Count(String name, long value) -> json.append(value);
            }
        }
    }

    private static void quote(String text, StringBuilder json) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ' || c == 0x7f) {
                json.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                json.append(c).append(text.charAt(++i));
            } else if (Character.isSurrogate(c)) {
                json.append('\ufffd'); // half a character has no UTF-8
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
