package io.switchboard.cli.client;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * As much of JSON (RFC 8259) as a client needs that passes values on as they are: is this a JSON text, and which
 * bytes are the elements of this array and the members of this object. Nothing is converted, so a number of any
 * length stays itself.
 */
public final class JsonText {
    /** Arrays and objects inside each other, as the server allows them: those of a message and the array around. */
    private static final int DEPTH_MAX = 512;

    private static final int NUMBER_LENGTH_MAX = 1_000;

    /**
     * Where a text stops being JSON.
     *
     * @param at bytes before that
     * @param expected what should be there, for a person
     */
    public record Flaw(int at, String expected) {}

    private static final class Invalid extends Exception {
        final transient Flaw flaw;

        Invalid(int at, String expected) {
            super(expected, null, false, false);
            this.flaw = new Flaw(at, expected);
        }
    }

    private final byte[] bytes;
    private int at;

    private JsonText(byte[] bytes) {
        this.bytes = bytes;
    }

    /** What keeps {@code text} from being a message of a JSON channel; empty if nothing does. */
    public static Optional<Flaw> flaw(byte[] text) {
        JsonText json = new JsonText(text);
        try {
            json.skipWhitespace();
            json.value(1);
            json.end();
        } catch (Invalid invalid) {
            return Optional.of(invalid.flaw);
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
            return Optional.empty();
        } catch (CharacterCodingException notUtf8) {
            return Optional.of(new Flaw(0, "UTF-8"));
        }
    }

    /** The elements of an array, each as it stands there; empty if {@code text} is no array. */
    static Optional<List<byte[]>> elements(byte[] text) {
        JsonText json = new JsonText(text);
        List<byte[]> elements = new ArrayList<>();
        try {
            json.skipWhitespace();
            json.expect('[', "an array");
            json.skipWhitespace();
            if (json.peek() != ']') {
                do {
                    json.skipWhitespace();
                    int start = json.at;
                    json.value(1);
                    elements.add(Arrays.copyOfRange(text, start, json.at));
                    json.skipWhitespace();
                } while (json.takes(','));
            }
            json.expect(']', "a comma or the end of the array");
            json.end();
            return Optional.of(elements);
        } catch (Invalid invalid) {
            return Optional.empty();
        }
    }

    /** The members of an object, each as it stands there; empty if {@code text} is no object. */
    public static Optional<Map<String, byte[]>> members(byte[] text) {
        JsonText json = new JsonText(text);
        Map<String, byte[]> members = new LinkedHashMap<>();
        try {
            json.skipWhitespace();
            json.expect('{', "an object");
            json.skipWhitespace();
            if (json.peek() != '}') {
                do {
                    json.skipWhitespace();
                    int name = json.at;
                    json.name();
                    String key = unquote(Arrays.copyOfRange(text, name, json.nameEnd(name)));
                    int start = json.at;
                    json.value(1);
                    members.put(key, Arrays.copyOfRange(text, start, json.at));
                    json.skipWhitespace();
                } while (json.takes(','));
            }
            json.expect('}', "a comma or the end of the object");
            json.end();
            return Optional.of(members);
        } catch (Invalid invalid) {
            return Optional.empty();
        }
    }

    /** The text of a JSON string; of anything else the text it is. */
    public static String unquote(byte[] value) {
        String text = new String(value, StandardCharsets.UTF_8);
        if (text.length() < 2 || text.charAt(0) != '"') return text;
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 1; i < text.length() - 1; i++) {
            char c = text.charAt(i);
            if (c != '\\') {
                plain.append(c);
                continue;
            }
            char escaped = text.charAt(++i);
            switch (escaped) {
                case 'b' -> plain.append('\b');
                case 'f' -> plain.append('\f');
                case 'n' -> plain.append('\n');
                case 'r' -> plain.append('\r');
                case 't' -> plain.append('\t');
                case 'u' -> {
                    plain.append((char) Integer.parseInt(text, i + 1, i + 5, 16));
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
                    if (c < ' ' || c == 0x7f) quoted.append("\\u%04x".formatted((int) c));
                    else quoted.append(c);
                }
            }
        }
        return quoted.append('"').toString();
    }

    /** {@code messages} as one array. */
    static byte[] array(List<byte[]> messages) {
        ByteArrayOutputStream array = new ByteArrayOutputStream();
        array.write('[');
        for (int i = 0; i < messages.size(); i++) {
            if (i > 0) array.write(',');
            array.writeBytes(messages.get(i));
        }
        array.write(']');
        return array.toByteArray();
    }

    private int peek() {
        return at < bytes.length ? bytes[at] : -1;
    }

    private boolean takes(char c) {
        if (peek() != c) return false;
        at++;
        return true;
    }

    private void expect(char c, String expected) throws Invalid {
        if (!takes(c)) throw new Invalid(at, expected);
    }

    private void end() throws Invalid {
        skipWhitespace();
        if (at < bytes.length) throw new Invalid(at, "the end");
    }

    private void skipWhitespace() {
        while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') at++;
    }

    private void value(int depth) throws Invalid {
        switch (peek()) {
            case '{' -> object(depth + 1);
            case '[' -> list(depth + 1);
            case '"' -> string();
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> number();
        }
    }

    private void object(int depth) throws Invalid {
        if (depth > DEPTH_MAX) throw new Invalid(at, "no more than " + (DEPTH_MAX - 1) + " levels");
        at++;
        skipWhitespace();
        if (takes('}')) return;
        do {
            skipWhitespace();
            name();
            value(depth);
            skipWhitespace();
        } while (takes(','));
        expect('}', "a comma or the end of the object");
    }

    private void list(int depth) throws Invalid {
        if (depth > DEPTH_MAX) throw new Invalid(at, "no more than " + (DEPTH_MAX - 1) + " levels");
        at++;
        skipWhitespace();
        if (takes(']')) return;
        do {
            skipWhitespace();
            value(depth);
            skipWhitespace();
        } while (takes(','));
        expect(']', "a comma or the end of the array");
    }

    private void name() throws Invalid {
        if (peek() != '"') throw new Invalid(at, "a name in quotes");
        string();
        skipWhitespace();
        expect(':', "a colon");
        skipWhitespace();
    }

    private int nameEnd(int start) {
        int end = start + 1;
        while (bytes[end] != '"') end += bytes[end] == '\\' ? 2 : 1;
        return end + 1;
    }

    private void word(String word) throws Invalid {
        for (int i = 0; i < word.length(); i++) {
            if (at + i >= bytes.length || bytes[at + i] != word.charAt(i)) throw new Invalid(at, "a value");
        }
        at += word.length();
    }

    private void number() throws Invalid {
        int start = at;
        boolean negative = takes('-');
        if (!negative && !isDigit()) throw new Invalid(at, "a value");
        if (!takes('0')) digits();
        if (takes('.')) digits();
        if (takes('e') || takes('E')) {
            if (!takes('+')) takes('-');
            digits();
        }
        if (at - start > NUMBER_LENGTH_MAX) throw new Invalid(at, "the end of a number that is too long");
    }

    private boolean isDigit() {
        return peek() >= '0' && peek() <= '9';
    }

    private void digits() throws Invalid {
        if (!isDigit()) throw new Invalid(at, "a digit");
        while (isDigit()) at++;
    }

    private void string() throws Invalid {
        at++;
        while (true) {
            if (at >= bytes.length) throw new Invalid(at, "the end of a string");
            byte c = bytes[at];
            if (c == '"') {
                at++;
                return;
            }
            if (c >= 0 && c < ' ') throw new Invalid(at, "no control character in a string");
            if (c == '\\') escape();
            else at++;
        }
    }

    private void escape() throws Invalid {
        int length = at + 1 < bytes.length && bytes[at + 1] == 'u' ? 6 : 2;
        boolean known = at + length <= bytes.length;
        if (known && length == 2) known = "\"\\/bfnrt".indexOf(bytes[at + 1]) >= 0;
        for (int i = 2; known && i < length; i++) known = Character.digit((char) bytes[at + i], 16) >= 0;
        if (!known) throw new Invalid(at, "an escape that JSON knows");
        at += length;
    }
}
