package io.switchboard.http.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A value within a JSON text that was found to be valid: where its bytes are, and what they say.
 *
 * @param from where it begins in {@code json}
 * @param to where it ends
 */
@SuppressWarnings("ArrayRecordComponent") // a view; compared by nobody
public record JsonValue(byte[] json, int from, int to) {
    /** Members of one object; nobody has use for more. */
    public static final int MEMBERS_MAX = 100;

    /**
     * The members of the object that {@code json} is; null if it is no valid JSON object, names one member twice, or
     * has more than {@value #MEMBERS_MAX}.
     */
    public static @Nullable Map<String, JsonValue> members(byte[] json) {
        JsonScanner scanner = new JsonScanner(json);
        scanner.skipWhitespace();
        int start = scanner.at;
        if (!scanner.value(0)) return null;
        int end = scanner.at;
        return scanner.finished() ? new JsonValue(json, start, end).members() : null;
    }

    /** The members of this object; null if it is none, names one member twice, or has more than {@value #MEMBERS_MAX}. */
    public @Nullable Map<String, JsonValue> members() {
        if (json[from] != '{') return null;
        Map<String, JsonValue> members = new LinkedHashMap<>();
        JsonScanner scanner = new JsonScanner(json);
        scanner.at = from + 1;
        scanner.skipWhitespace();
        while (json[scanner.at] != '}') {
            if (members.size() == MEMBERS_MAX) return null;
            int name = scanner.at;
            scanner.string();
            int nameEnd = scanner.at;
            scanner.skipWhitespace();
            scanner.at++; // the colon
            JsonValue value = next(scanner);
            if (members.put(new JsonValue(json, name, nameEnd).string(), value) != null) return null;
        }
        return members;
    }

    /** The elements of this array; null if it is none, or has more than {@code max}. */
    public @Nullable List<JsonValue> elements(int max) {
        if (json[from] != '[') return null;
        List<JsonValue> elements = new ArrayList<>();
        JsonScanner scanner = new JsonScanner(json);
        scanner.at = from + 1;
        scanner.skipWhitespace();
        while (json[scanner.at] != ']') {
            if (elements.size() == max) return null;
            elements.add(next(scanner));
        }
        return elements;
    }

    // The value that comes, and the comma behind it.
    private JsonValue next(JsonScanner scanner) {
        scanner.skipWhitespace();
        int start = scanner.at;
        scanner.value(0);
        JsonValue value = new JsonValue(json, start, scanner.at);
        scanner.skipWhitespace();
        if (json[scanner.at] == ',') {
            scanner.at++;
            scanner.skipWhitespace();
        }
        return value;
    }

    /** The bytes of this value, without what is around it. */
    public byte[] bytes() {
        return Arrays.copyOfRange(json, from, to);
    }

    public boolean isString() {
        return json[from] == '"';
    }

    public boolean isTrue() {
        return json[from] == 't';
    }

    public boolean isFalse() {
        return json[from] == 'f';
    }

    /** What this string says; null if it is none. An escape for half a character stands for U+FFFD. */
    public @Nullable String text() {
        return isString() ? string() : null;
    }

    private String string() {
        String raw = new String(json, from + 1, to - from - 2, StandardCharsets.UTF_8);
        if (raw.indexOf('\\') < 0) return raw;
        StringBuilder said = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c != '\\') {
                said.append(c);
                continue;
            }
            char escape = raw.charAt(++i);
            switch (escape) {
                case 'b' -> said.append('\b');
                case 'f' -> said.append('\f');
                case 'n' -> said.append('\n');
                case 'r' -> said.append('\r');
                case 't' -> said.append('\t');
                case 'u' -> {
                    said.append((char) Integer.parseInt(raw, i + 1, i + 5, 16));
                    i += 4;
                }
                default -> said.append(escape);
            }
        }
        return whole(said);
    }

    private static String whole(StringBuilder said) {
        for (int i = 0; i < said.length(); i++) {
            char c = said.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < said.length() && Character.isLowSurrogate(said.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                said.setCharAt(i, '\ufffd');
            }
        }
        return said.toString();
    }

    /** This number, if it is a count (see {@link SafeInteger}); {@link SafeInteger#INVALID} if not. */
    public long count() {
        return to - from > 20
                ? SafeInteger.INVALID
                : SafeInteger.parse(new String(json, from, to - from, StandardCharsets.ISO_8859_1));
    }

    /** This number; NaN if it is none. */
    public double number() {
        byte first = json[from];
        if (first != '-' && (first < '0' || first > '9')) return Double.NaN;
        return Double.parseDouble(new String(json, from, to - from, StandardCharsets.ISO_8859_1));
    }
}
