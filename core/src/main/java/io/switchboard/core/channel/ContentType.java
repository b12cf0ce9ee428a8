package io.switchboard.core.channel;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The media type of a channel's messages (RFC 9110, section 8.3). Two types match when type and
 * subtype are equal without regard to case; parameters such as {@code charset} are kept, not compared.
 *
 * @param value as the creator wrote it
 * @param essence type and subtype in lower case
 * @param kind how messages of this type are checked and framed
 */
public record ContentType(String value, String essence, Kind kind) {
    public static final int LENGTH_MAX = 256;
    public static final ContentType BINARY = plain("application/octet-stream", Kind.BINARY);
    public static final ContentType JSON = plain("application/json", Kind.JSON);
    public static final ContentType TEXT = plain("text/plain", Kind.TEXT);

    /** How messages of a type are checked and framed. */
    public enum Kind {
        /** {@code application/json}: every message is one JSON value; a read is an array of them. */
        JSON,
        /** {@code text/*}: valid UTF-8; a read is the concatenation. */
        TEXT,
        /** Anything else: bytes; a read is the concatenation, base64 inside event streams. */
        BINARY
    }

    private static ContentType plain(String essence, Kind kind) {
        return new ContentType(essence, essence, kind);
    }

    /** The content type that {@code value} names, of which the plainest are shared; null if it is not {@code type/subtype[;parameters]}. */
    public static @Nullable ContentType parse(String value) {
        String trimmed = value.strip();
        if (trimmed.equals(JSON.value)) return JSON;
        if (trimmed.equals(TEXT.value)) return TEXT;
        if (trimmed.equals(BINARY.value)) return BINARY;
        if (trimmed.isEmpty() || trimmed.length() > LENGTH_MAX) return null;
        for (int i = 0; i < trimmed.length(); i++) {
            char c = trimmed.charAt(i);
            if (c < ' ' || c > '~') return null;
        }
        int semicolon = trimmed.indexOf(';');
        String essence = (semicolon < 0 ? trimmed : trimmed.substring(0, semicolon))
                .strip()
                .toLowerCase(Locale.ROOT);
        int slash = essence.indexOf('/');
        if (slash <= 0 || slash == essence.length() - 1) return null;
        for (int i = 0; i < essence.length(); i++) {
            if (i != slash && !isTokenCharacter(essence.charAt(i))) return null;
        }
        Kind kind =
                essence.equals("application/json") ? Kind.JSON : essence.startsWith("text/") ? Kind.TEXT : Kind.BINARY;
        return new ContentType(trimmed, essence, kind);
    }

    /** @throws IllegalArgumentException if {@code value} is no content type */
    public static ContentType of(String value) {
        ContentType type = parse(value);
        if (type == null) throw new IllegalArgumentException("not a content type: " + value);
        return type;
    }

    public boolean matches(ContentType other) {
        return essence.equals(other.essence);
    }

    private static boolean isTokenCharacter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    @Override
    public String toString() {
        return value;
    }
}
