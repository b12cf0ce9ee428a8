package io.switchboard.security.token;

import io.switchboard.core.access.Authenticator.Reason;
import io.switchboard.security.keys.Algorithm;
import io.switchboard.security.keys.KeyFormat;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A signed token in its compact form (RFC 7515 section 7.1), taken apart but not yet believed. Of the header only
 * {@code alg} and {@code kid} count; where a header brings a key or a URL of one ({@code jwk}, {@code jku},
 * {@code x5c}, {@code x5u}), nobody looks.
 */
final class CompactToken {
    /** Characters; longer ones are refused before anything of them is decoded. */
    static final int LENGTH_MAX = 8_192;

    private final Algorithm algorithm;
    private final @Nullable String keyId;
    private final byte[] signed;
    private final byte[] payload;
    private final byte[] signature;

    private CompactToken(Algorithm algorithm, @Nullable String keyId, byte[] signed, byte[] payload, byte[] signature) {
        this.algorithm = algorithm;
        this.keyId = keyId;
        this.signed = signed;
        this.payload = payload;
        this.signature = signature;
    }

    /** It is no token that could be checked. */
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;
        private final Reason reason;

        Unreadable(Reason reason) {
            super(null, null, false, false);
            this.reason = reason;
        }

        Reason reason() {
            return reason;
        }
    }

    static CompactToken parse(String token) throws Unreadable {
        if (token.length() > LENGTH_MAX) throw new Unreadable(Reason.MALFORMED);
        int first = token.indexOf('.');
        int second = token.indexOf('.', first + 1);
        if (first < 0 || second < 0 || token.indexOf('.', second + 1) >= 0) throw new Unreadable(Reason.MALFORMED);
        Map<String, Object> header = Json.object(decoded(token.substring(0, first)));
        // No extension is known (RFC 7515 section 4.1.11), nor are payloads that are not encoded (RFC 7797).
        if (header == null
                || header.containsKey("crit")
                || !header.getOrDefault("b64", true).equals(true)) {
            throw new Unreadable(Reason.MALFORMED);
        }
        if (!(header.get("alg") instanceof String label)) throw new Unreadable(Reason.MALFORMED);
        Algorithm algorithm = Algorithm.named(label);
        if (algorithm == null) throw new Unreadable(Reason.ALGORITHM);
        return new CompactToken(
                algorithm,
                keyId(header.get("kid")),
                token.substring(0, second).getBytes(StandardCharsets.ISO_8859_1),
                decoded(token.substring(first + 1, second)),
                decoded(token.substring(second + 1)));
    }

    private static @Nullable String keyId(@Nullable Object value) throws Unreadable {
        if (value == null) return null;
        if (value instanceof String id && id.length() <= KeyFormat.ID_LENGTH_MAX) return id;
        throw new Unreadable(Reason.MALFORMED);
    }

    // One text only for the same bytes: no padding, no blanks, no bits behind the last byte.
    private static byte[] decoded(String part) throws Unreadable {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(part);
            if (Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part)) return bytes;
        } catch (IllegalArgumentException notBase64) {
            throw new Unreadable(Reason.MALFORMED);
        }
        throw new Unreadable(Reason.MALFORMED);
    }

    Algorithm algorithm() {
        return algorithm;
    }

    /** The {@code kid}; null if there is none. */
    @Nullable
    String keyId() {
        return keyId;
    }

    /** What the signature is over. */
    byte[] signed() {
        return signed;
    }

    byte[] payload() {
        return payload;
    }

    byte[] signature() {
        return signature;
    }
}
