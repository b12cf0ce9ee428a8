package io.switchboard.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * As much of JSON (RFC 8259) as a client needs that gives values to the application as they are: where the members of an
 * object and the elements of an array stand. Nothing is converted, so a number of any length stays itself. An application
 * without a library for JSON may use it too.
 */
public final class Json {
    /** Arrays and objects inside each other, as a server takes them: those of a message, and the array around it. */
    private static final int DEPTH_MAX = 512;

    // In what is read a message may have another array and an object around it.
    private static final int DEPTH_READ_MAX = DEPTH_MAX + 3;
    private static final int NUMBER_LENGTH_MAX = 1_000;

    /** The text is no JSON, or other JSON than was expected. */
    public static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        private final int at;
        private final String expected;

        Malformed(int at, String expected) {
            super("at " + at + ": expected " + expected, null, false, false);
            this.at = at;
            this.expected = expected;
        }

        /** Characters before the place where the text stops being what was expected. */
        public int at() {
            return at;
        }

        /** What should be there, for a person. */
        public String expected() {
            return expected;
        }
    }

    private final String text;
    private final int depthMax;
    private int at;

    private Json(String text, int depthMax) {
        this.text = text;
        this.depthMax = depthMax;
    }

    /** @throws Malformed if {@code text} is no message that a JSON channel takes: one JSON value, within its limits */
    public static void check(String text) throws Malformed {
        Json json = new Json(text, DEPTH_MAX - 1);
        json.skipWhitespace();
        json.value(1);
        json.end();
    }

    /**
     * The members of an object, each value as it stands there; of a name that comes twice, the last.
     *
     * @throws Malformed if {@code text} is no object
     */
    public static Map<String, String> members(String text) throws Malformed {
        Json json = new Json(text, DEPTH_READ_MAX);
        Map<String, String> members = new LinkedHashMap<>();
        json.skipWhitespace();
        json.expect('{', "an object");
        json.skipWhitespace();
        if (json.peek() != '}') {
            do {
                json.skipWhitespace();
                String name = json.name();
                int start = json.at;
                json.value(1);
                members.put(name, text.substring(start, json.at));
                json.skipWhitespace();
            } while (json.takes(','));
        }
        json.expect('}', "a comma or the end of the object");
        json.end();
        return members;
    }

    /**
     * The elements of an array, each as it stands there.
     *
     * @throws Malformed if {@code text} is no array
     */
    public static List<String> elements(String text) throws Malformed {
        Json json = new Json(text, DEPTH_READ_MAX);
        List<String> elements = new ArrayList<>();
        json.skipWhitespace();
        json.expect('[', "an array");
        json.skipWhitespace();
        if (json.peek() != ']') {
            do {
                json.skipWhitespace();
                int start = json.at;
                json.value(1);
                elements.add(text.substring(start, json.at));
                json.skipWhitespace();
            } while (json.takes(','));
        }
        json.expect(']', "a comma or the end of the array");
        json.end();
        return elements;
    }

    static boolean isString(String value) {
        return value.length() >= 2 && value.charAt(0) == '"';
    }

    /** The text of a JSON string that was read here; of any other value the value itself. */
    public static String unquote(String value) {
        if (!isString(value)) return value;
        if (value.indexOf('\\') < 0) return value.substring(1, value.length() - 1);
        StringBuilder plain = new StringBuilder(value.length());
        for (int i = 1; i < value.length() - 1; i++) {
            char c = value.charAt(i);
            if (c != '\\') {
                plain.append(c);
                continue;
            }
            char escaped = value.charAt(++i);
            switch (escaped) {
                case 'b' -> plain.append('\b');
                case 'f' -> plain.append('\f');
                case 'n' -> plain.append('\n');
                case 'r' -> plain.append('\r');
                case 't' -> plain.append('\t');
                case 'u' -> {
                    plain.append((char) Integer.parseInt(value, i + 1, i + 5, 16));
                    i += 4;
                }
                default -> plain.append(escaped);
            }
        }
        return plain.toString();
    }

    /** {@code text} as a JSON string. */
    public static String quote(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> quoted.append('\\').append(c);
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> {
                    if (c < ' ' || c == 0x7f) quoted.append(String.format("\\u%04x", (int) c));
                    else quoted.append(c);
                }
            }
        }
        return quoted.append('"').toString();
    }

    private int peek() {
        return at < text.length() ? text.charAt(at) : -1;
    }

    private boolean takes(char c) {
        if (peek() != c) return false;
        at++;
        return true;
    }

    private void expect(char c, String expected) throws Malformed {
        if (!takes(c)) throw new Malformed(at, expected);
    }

    private void end() throws Malformed {
        skipWhitespace();
        if (at < text.length()) throw new Malformed(at, "the end");
    }

    private void skipWhitespace() {
        while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') at++;
    }

    private void value(int depth) throws Malformed {
        switch (peek()) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> string();
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> number();
        }
    }

    private void object(int depth) throws Malformed {
        if (depth > depthMax) throw new Malformed(at, "fewer levels");
        at++;
        skipWhitespace();
        if (takes('}')) return;
        do {
            skipWhitespace();
            name();
            value(depth + 1);
            skipWhitespace();
        } while (takes(','));
        expect('}', "a comma or the end of the object");
    }

    private void array(int depth) throws Malformed {
        if (depth > depthMax) throw new Malformed(at, "fewer levels");
        at++;
        skipWhitespace();
        if (takes(']')) return;
        do {
            skipWhitespace();
            value(depth + 1);
            skipWhitespace();
        } while (takes(','));
        expect(']', "a comma or the end of the array");
    }

    // With the colon behind it.
    private String name() throws Malformed {
        if (peek() != '"') throw new Malformed(at, "a name in quotes");
        int start = at;
        string();
        String name = unquote(text.substring(start, at));
        skipWhitespace();
        expect(':', "a colon");
        skipWhitespace();
        return name;
    }

    private void word(String word) throws Malformed {
        if (!text.startsWith(word, at)) throw new Malformed(at, "a value");
        at += word.length();
    }

    private void number() throws Malformed {
        int start = at;
        takes('-');
        if (!takes('0')) digits();
        if (takes('.')) digits();
        if (takes('e') || takes('E')) {
            if (!takes('+')) takes('-');
            digits();
        }
        if (at - start > NUMBER_LENGTH_MAX) throw new Malformed(start, "a shorter number");
    }

    private void digits() throws Malformed {
        int start = at;
        while (peek() >= '0' && peek() <= '9') at++;
        if (at == start) throw new Malformed(at, "a value");
    }

    private void string() throws Malformed {
        at++;
        while (true) {
            int c = peek();
            if (c < ' ') throw new Malformed(at, "the end of a string");
            at++;
            if (c == '"') return;
            if (c == '\\') escape();
        }
    }

    private void escape() throws Malformed {
        int c = peek();
        if (c < 0 || "\"\\/bfnrtu".indexOf(c) < 0) throw new Malformed(at, "an escape that JSON knows");
        at++;
        if (c != 'u') return;
        for (int i = 0; i < 4; i++, at++) {
            if (Character.digit(peek(), 16) < 0 || peek() > 'f') throw new Malformed(at, "four hexadecimal digits");
        }
    }
}
