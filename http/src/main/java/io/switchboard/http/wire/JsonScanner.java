package io.switchboard.http.wire;

import org.jspecify.annotations.Nullable;

/** Walks over JSON texts; at the first flaw it stops and says where. */
final class JsonScanner {
    static final String COMMA_OR_BRACKET = "a comma or the end of the array";
    private static final String COMMA_OR_BRACE = "a comma or the end of the object";
    private static final long ONES = 0x0101010101010101L;

    private final byte[] bytes;
    int at;
    private @Nullable String expected;

    // What each open container is, the outermost first: bit set for an object. The first 64, and the rest.
    private long kinds;
    private long @Nullable [] deeperKinds;

    JsonScanner(byte[] bytes) {
        this.bytes = bytes;
    }

    boolean fail(String what) {
        expected = what;
        return false;
    }

    JsonMessages.Result.Invalid invalid() {
        return new JsonMessages.Result.Invalid(at, expected == null ? "JSON" : expected);
    }

    boolean finished() {
        skipWhitespace();
        return at == bytes.length || fail("the end");
    }

    void skipWhitespace() {
        while (at < bytes.length) {
            byte c = bytes[at];
            if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return;
            at++;
        }
    }

    private byte peek() {
        return at < bytes.length ? bytes[at] : 0; // a zero byte is allowed nowhere, so it can mean the end
    }

    private void push(int depth, boolean object) {
        if (depth < 64) {
            kinds = object ? kinds | 1L << depth : kinds & ~(1L << depth);
            return;
        }
        if (deeperKinds == null) deeperKinds = new long[JsonMessages.DEPTH_MAX / 64];
        int word = depth / 64;
        deeperKinds[word] = object ? deeperKinds[word] | 1L << depth : deeperKinds[word] & ~(1L << depth);
    }

    private boolean isObject(int depth) {
        if (depth < 64) return (kinds & 1L << depth) != 0;
        return deeperKinds != null && (deeperKinds[depth / 64] & 1L << depth) != 0;
    }

    /** Passes one value that lies in {@code outerDepth} containers. */
    boolean value(int outerDepth) {
        int depth = outerDepth;
        while (true) {
            byte c = peek();
            if (c == '{' || c == '[') {
                if (depth == JsonMessages.DEPTH_MAX) return fail("no more than " + JsonMessages.DEPTH_MAX + " levels");
                boolean object = c == '{';
                push(depth++, object);
                at++;
                skipWhitespace();
                boolean empty = peek() == (object ? '}' : ']');
                if (!empty) {
                    if (object && !name()) return false;
                    continue;
                }
                at++;
                depth--;
            } else if (c == '"') {
                if (!string()) return false;
            } else if (c == '-' || (c >= '0' && c <= '9')) {
                if (!number()) return false;
            } else if (!literal(c)) {
                return false;
            }
            while (true) {
                if (depth == outerDepth) return true;
                skipWhitespace();
                boolean object = isObject(depth - 1);
                byte next = peek();
                if (next == ',') {
                    at++;
                    skipWhitespace();
                    if (object && !name()) return false;
                    break;
                }
                if (next != (object ? '}' : ']')) return fail(object ? COMMA_OR_BRACE : COMMA_OR_BRACKET);
                at++;
                depth--;
            }
        }
    }

    boolean name() {
        if (peek() != '"') return fail("a name in quotes");
        if (!string()) return false;
        skipWhitespace();
        if (peek() != ':') return fail("a colon");
        at++;
        skipWhitespace();
        return true;
    }

    private boolean literal(byte first) {
        return switch (first) {
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> fail("a value");
        };
    }

    private boolean word(String word) {
        if (bytes.length - at < word.length()) return fail("a value");
        for (int i = 1; i < word.length(); i++) {
            if (bytes[at + i] != word.charAt(i)) return fail("a value");
        }
        at += word.length();
        return true;
    }

    private boolean number() {
        int start = at;
        if (bytes[at] == '-') at++;
        if (peek() == '0') at++;
        else if (!digits()) return false;
        if (peek() == '.') {
            at++;
            if (!digits()) return false;
        }
        if (peek() == 'e' || peek() == 'E') {
            at++;
            if (peek() == '+' || peek() == '-') at++;
            if (!digits()) return false;
        }
        return at - start <= JsonMessages.NUMBER_LENGTH_MAX || fail("the end of a number that is too long");
    }

    private boolean digits() {
        int start = at;
        while (at < bytes.length && bytes[at] >= '0' && bytes[at] <= '9') at++;
        return at > start || fail("a digit");
    }

    boolean string() {
        byte[] b = bytes;
        int i = at + 1;
        while (true) {
            i = plainUntil(b, i);
            if (i == b.length) {
                at = i;
                return fail("the end of a string");
            }
            byte c = b[i];
            if (c == '"') {
                at = i + 1;
                return true;
            }
            if (c < 0) {
                int after = Utf8.afterCharacter(b, i, b.length);
                if (after < 0) {
                    at = i;
                    return fail("UTF-8");
                }
                i = after;
            } else if (c == '\\') {
                int length = escapeLength(b, i);
                if (length == 0) {
                    at = i;
                    return fail("an escape that JSON knows");
                }
                i += length;
            } else {
                at = i;
                return fail("no control character in a string");
            }
        }
    }

    /** The first byte from {@code i} on that is a quote, a backslash, a control character or not ASCII. */
    private static int plainUntil(byte[] b, int i) {
        while (i + 8 <= b.length) {
            long word = (long) Utf8.LONG.get(b, i);
            long quote = word ^ ONES * '"';
            long backslash = word ^ ONES * '\\';
            // The lowest high bit set is exact: borrows only run towards higher bytes.
            long special =
                    ((quote - ONES & ~quote) | (backslash - ONES & ~backslash) | (word - ONES * ' ' & ~word) | word)
                            & Utf8.HIGH_BITS;
            if (special != 0) return i + (Long.numberOfTrailingZeros(special) >>> 3);
            i += 8;
        }
        while (i < b.length && b[i] >= ' ' && b[i] != '"' && b[i] != '\\') i++;
        return i;
    }

    /** How long the escape at {@code i} is; 0 if it is none. */
    private static int escapeLength(byte[] b, int i) {
        if (i + 1 == b.length) return 0;
        byte c = b[i + 1];
        if (c != 'u') return c > 0 && "\"\\/bfnrt".indexOf(c) >= 0 ? 2 : 0;
        if (i + 6 > b.length) return 0;
        for (int k = i + 2; k < i + 6; k++) {
            if (!isHex(b[k])) return 0;
        }
        return 6;
    }

    private static boolean isHex(byte c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }
}
