package io.switchboard.cli.channel;

import io.switchboard.client.Json;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** Looks at messages before they are sent: the server would refuse a whole batch for one of them. */
record MessageCheck(Kind kind) {
    private static final Optional<String> NOT_UTF8 = Optional.of("is not UTF-8; convert it with iconv.");

    /** Without what a line ends with on Windows; bytes are left alone. */
    byte[] trim(byte[] line) {
        int end = line.length;
        if (kind != Kind.BYTES && end > 0 && line[end - 1] == '\r') end--;
        return end == line.length ? line : Arrays.copyOf(line, end);
    }

    /** What is wrong with {@code message}, to be put behind its place; empty if nothing is. */
    Optional<String> flaw(byte[] message) {
        return switch (kind) {
            case JSON -> isUtf8(message) ? jsonFlaw(text(message)) : NOT_UTF8;
            case TEXT -> isUtf8(message) ? emptiness(message) : NOT_UTF8;
            case BYTES -> emptiness(message);
        };
    }

    private static Optional<String> jsonFlaw(String message) {
        try {
            Json.check(message);
            return Optional.empty();
        } catch (Json.Malformed malformed) {
            int bytes = message.substring(0, malformed.at()).getBytes(StandardCharsets.UTF_8).length;
            return Optional.of("is not JSON: at byte " + (bytes + 1) + " there should be " + malformed.expected()
                    + ". A text needs quotes (\"…\"), or a channel of --type text/plain.");
        }
    }

    private static Optional<String> emptiness(byte[] message) {
        return message.length > 0 ? Optional.empty() : Optional.of("is empty; a message has at least one byte.");
    }

    /** What is UTF-8 as a text. */
    static String text(byte[] message) {
        return new String(message, StandardCharsets.UTF_8);
    }

    private static boolean isUtf8(byte[] message) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(message));
            return true;
        } catch (CharacterCodingException malformed) {
            return false;
        }
    }
}
