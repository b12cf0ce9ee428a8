package io.switchboard.http.wire;

import io.switchboard.core.channel.Payloads;
import java.util.Arrays;

/**
 * Takes the body of an append to a JSON channel apart (Durable Streams, section 9.1): an array is
 * flattened one level into a message per element, anything else is one message. Messages are the
 * bytes as sent, without the whitespace around them.
 *
 * <p>The body is exactly one JSON text of RFC 8259 in strict UTF-8, without a byte order mark; names may
 * repeat, and escapes may name half a surrogate pair, since the grammar allows both. One pass over the
 * bytes, no recursion.
 */
public final class JsonMessages {
    /** Arrays and objects inside each other; the array around the messages counts. */
    public static final int DEPTH_MAX = 512;

    public static final int MESSAGES_MAX = 100_000;

    /** Characters of a number; more are of no use, and costly to whoever parses them. */
    public static final int NUMBER_LENGTH_MAX = 1_000;

    private JsonMessages() {}

    /** What a body holds. */
    public sealed interface Result {
        /** 1 to {@value #MESSAGES_MAX} messages. */
        record Messages(Payloads payloads) implements Result {}

        /** An array without elements: no message at all. */
        record EmptyArray() implements Result {}

        /**
         * No JSON, or beyond a limit.
         *
         * @param at the byte of the body, from 0, where it stops making sense
         * @param expected what should be there, for a person
         */
        record Invalid(int at, String expected) implements Result {
            /** What is wrong, in a sentence. */
            public String sentence() {
                return "The body is no valid JSON: at byte " + at + " there should be " + expected + ".";
            }
        }

        /** More than {@value #MESSAGES_MAX} elements. */
        record TooMany() implements Result {}
    }

    /** The messages of {@code body}; the result may keep the array, which nobody may change any more. */
    public static Result split(byte[] body) {
        JsonScanner scanner = new JsonScanner(body);
        scanner.skipWhitespace();
        if (scanner.at < body.length && body[scanner.at] == '[') return elements(body, scanner);
        return whole(body, scanner);
    }

    /** As {@link #split}, but an array is a message like any other. */
    public static Result whole(byte[] body) {
        JsonScanner scanner = new JsonScanner(body);
        scanner.skipWhitespace();
        return whole(body, scanner);
    }

    private static Result whole(byte[] body, JsonScanner scanner) {
        int start = scanner.at;
        if (!scanner.value(0)) return scanner.invalid();
        int end = scanner.at;
        if (!scanner.finished()) return scanner.invalid();
        boolean whole = start == 0 && end == body.length;
        return new Result.Messages(Payloads.one(whole ? body : Arrays.copyOfRange(body, start, end)));
    }

    private static Result elements(byte[] body, JsonScanner scanner) {
        scanner.at++;
        scanner.skipWhitespace();
        if (scanner.at < body.length && body[scanner.at] == ']') {
            scanner.at++;
            return scanner.finished() ? new Result.EmptyArray() : scanner.invalid();
        }
        int[] bounds = new int[16];
        int count = 0;
        int payload = 0;
        while (true) {
            if (count == MESSAGES_MAX) return new Result.TooMany();
            if (2 * count == bounds.length) bounds = Arrays.copyOf(bounds, bounds.length * 2);
            bounds[2 * count] = scanner.at;
            if (!scanner.value(1)) return scanner.invalid();
            bounds[2 * count + 1] = scanner.at;
            payload += scanner.at - bounds[2 * count];
            count++;
            scanner.skipWhitespace();
            byte next = scanner.at < body.length ? body[scanner.at] : 0;
            if (next != ',' && next != ']') {
                scanner.fail(JsonScanner.COMMA_OR_BRACKET);
                return scanner.invalid();
            }
            scanner.at++;
            if (next == ']') break;
            scanner.skipWhitespace();
        }
        if (!scanner.finished()) return scanner.invalid();
        byte[] bytes = new byte[payload];
        int[] ends = new int[count];
        int end = 0;
        for (int i = 0; i < count; i++) {
            int length = bounds[2 * i + 1] - bounds[2 * i];
            System.arraycopy(body, bounds[2 * i], bytes, end, length);
            end += length;
            ends[i] = end;
        }
        return new Result.Messages(new Payloads(bytes, ends));
    }
}
