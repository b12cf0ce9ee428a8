package io.switchboard.cli.client;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** Looks at messages before they are sent: the server would refuse a whole batch for one of them. */
record MessageCheck(Kind kind) {
    /** Without what a line ends with on Windows; bytes are left alone. */
    byte[] trim(byte[] line) {
        int end = line.length;
        if (kind != Kind.BYTES && end > 0 && line[end - 1] == '\r') end--;
        return end == line.length ? line : Arrays.copyOf(line, end);
    }

    /** What is wrong with {@code message}, to be put behind its place; empty if nothing is. */
    Optional<String> flaw(byte[] message) {
        return switch (kind) {
            case JSON ->
                JsonText.flaw(message)
                        .map(flaw -> "is not JSON: at byte " + (flaw.at() + 1) + " there should be " + flaw.expected()
                                + ". A text needs quotes (\"…\"), or a channel of --type text/plain.");
            case TEXT -> isUtf8(message) ? Optional.empty() : Optional.of("is not UTF-8; convert it with iconv.");
            case BYTES -> Optional.empty();
        };
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
