package io.switchboard.security.token;

import io.switchboard.core.access.Access;
import io.switchboard.core.access.Authenticator.Reason;
import io.switchboard.core.access.Authenticator.Verdict;
import io.switchboard.core.access.Grants;
import io.switchboard.core.channel.ChannelPattern;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * From what a token says to an {@link Access}. {@code sub}, {@code exp} and {@code iat} are needed: whoever is in can
 * be named, does not stay for ever, and can be put out without those who come later. A claim that is there has to be of
 * its kind; those with other names are not looked at.
 */
final class Claims {
    /** Bytes of UTF-8 of a {@code sub} or a {@code jti}. */
    static final int NAME_BYTES_MAX = 256;
    /** Patterns for each right. */
    static final int PATTERNS_MAX = 100;

    // 9999-12-31T23:59:59Z
    private static final double SECONDS_MAX = 253_402_300_799.0;
    private static final double MILLIS_PER_SECOND = 1_000.0;

    private Claims() {}

    private static final class Wrong extends Exception {
        private static final long serialVersionUID = 1L;
        private final Reason reason;

        Wrong(Reason reason) {
            super(null, null, false, false);
            this.reason = reason;
        }
    }

    static Verdict judge(byte[] payload, TokenRules rules, long nowMillis) {
        Map<String, Object> claims = Json.object(payload);
        if (claims == null) return new Verdict.Refused(Reason.CLAIMS);
        try {
            return new Verdict.Accepted(access(claims, rules, nowMillis));
        } catch (Wrong wrong) {
            return new Verdict.Refused(wrong.reason);
        }
    }

    private static Access access(Map<String, Object> claims, TokenRules rules, long nowMillis) throws Wrong {
        String subject = name(claims.get("sub"));
        if (subject == null) throw new Wrong(Reason.CLAIMS);
        String tokenId = name(claims.get("jti"));
        Grants grants = grants(claims);
        checkIssuer(claims.get("iss"), rules.issuer());
        checkAudience(claims.get("aud"), rules.audience());

        Long expires = moment(claims.get("exp"));
        Long notBefore = moment(claims.get("nbf"));
        Long issued = moment(claims.get("iat"));
        if (expires == null || issued == null) throw new Wrong(Reason.CLAIMS);
        if (expires <= nowMillis) throw new Wrong(Reason.EXPIRED);
        long soon = nowMillis + rules.clockSkewMillis();
        if (notBefore != null && notBefore > soon) throw new Wrong(Reason.NOT_YET_VALID);
        if (issued > soon) throw new Wrong(Reason.NOT_YET_VALID);
        // So none outlives the memory of its revocation.
        if (expires - issued > rules.lifeMaxMillis()) throw new Wrong(Reason.CLAIMS);
        return new Access(subject, grants, tokenId, issued, expires);
    }

    private static void checkIssuer(@Nullable Object value, @Nullable String expected) throws Wrong {
        if (value != null && !(value instanceof String)) throw new Wrong(Reason.CLAIMS);
        if (expected != null && !expected.equals(value)) throw new Wrong(Reason.ISSUER);
    }

    private static void checkAudience(@Nullable Object value, @Nullable String expected) throws Wrong {
        List<?> audience =
                switch (value) {
                    case null -> List.of();
                    case String one -> List.of(one);
                    case List<?> several -> several;
                    default -> throw new Wrong(Reason.CLAIMS);
                };
        for (Object one : audience) if (!(one instanceof String)) throw new Wrong(Reason.CLAIMS);
        if (expected != null && !audience.contains(expected)) throw new Wrong(Reason.AUDIENCE);
    }

    // NumericDate: seconds since 1970, fractions allowed (RFC 7519 section 2). In milliseconds; null if not there.
    private static @Nullable Long moment(@Nullable Object value) throws Wrong {
        if (value == null) return null;
        if (!(value instanceof Double seconds)) throw new Wrong(Reason.CLAIMS);
        if (!(seconds >= 0 && seconds <= SECONDS_MAX)) throw new Wrong(Reason.CLAIMS);
        return (long) (seconds * MILLIS_PER_SECOND);
    }

    private static @Nullable String name(@Nullable Object value) throws Wrong {
        if (value == null) return null;
        if (!(value instanceof String name) || name.isEmpty()) throw new Wrong(Reason.CLAIMS);
        if (name.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES_MAX) throw new Wrong(Reason.CLAIMS);
        if (!name.codePoints().allMatch(Claims::isPrintable)) throw new Wrong(Reason.CLAIMS);
        return name;
    }

    private static boolean isPrintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                false;
            default -> true;
        };
    }

    private static Grants grants(Map<String, Object> claims) throws Wrong {
        Object admin = claims.getOrDefault("admin", false);
        if (!(admin instanceof Boolean isAdmin)) throw new Wrong(Reason.CLAIMS);
        Object value = claims.getOrDefault("channels", Map.of());
        if (!(value instanceof Map<?, ?> channels)) throw new Wrong(Reason.CLAIMS);
        return new Grants(
                patterns(channels.get("read")),
                patterns(channels.get("write")),
                patterns(channels.get("manage")),
                isAdmin);
    }

    private static List<ChannelPattern> patterns(@Nullable Object value) throws Wrong {
        if (value == null) return List.of();
        if (!(value instanceof List<?> texts) || texts.size() > PATTERNS_MAX) throw new Wrong(Reason.CLAIMS);
        List<ChannelPattern> patterns = new ArrayList<>(texts.size());
        for (Object text : texts) {
            if (!(text instanceof String pattern)) throw new Wrong(Reason.CLAIMS);
            try {
                patterns.add(new ChannelPattern(pattern));
            } catch (IllegalArgumentException noPattern) {
                throw new Wrong(Reason.CLAIMS);
            }
        }
        return patterns;
    }
}
