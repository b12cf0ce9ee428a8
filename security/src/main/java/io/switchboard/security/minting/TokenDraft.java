package io.switchboard.security.minting;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a token is to say.
 *
 * @param read patterns of channels, as those of {@code write} and {@code manage}
 * @param lifeMillis from {@code nowMillis} of {@link #claims} on
 */
public record TokenDraft(
        String subject,
        List<String> read,
        List<String> write,
        List<String> manage,
        boolean admin,
        long lifeMillis,
        Optional<String> issuer,
        Optional<String> audience,
        Optional<String> id) {
    private static final long MILLIS_PER_SECOND = 1_000;

    public TokenDraft {
        read = List.copyOf(read);
        write = List.copyOf(write);
        manage = List.copyOf(manage);
    }

    /** The claims, in whole seconds as most issuers give them; it lives at least a second. */
    public Map<String, Object> claims(long nowMillis) {
        Map<String, Object> claims = new LinkedHashMap<>();
        long issued = nowMillis / MILLIS_PER_SECOND;
        issuer.ifPresent(text -> claims.put("iss", text));
        claims.put("sub", subject);
        audience.ifPresent(text -> claims.put("aud", text));
        claims.put("iat", issued);
        claims.put("exp", issued + Math.max(1, lifeMillis / MILLIS_PER_SECOND));
        id.ifPresent(text -> claims.put("jti", text));
        claims.put("channels", Map.of("read", read, "write", write, "manage", manage));
        if (admin) claims.put("admin", true);
        return claims;
    }
}
