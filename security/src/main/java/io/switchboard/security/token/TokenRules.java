package io.switchboard.security.token;

import org.jspecify.annotations.Nullable;

/**
 * What a token has to say, beside being signed.
 *
 * @param issuer its {@code iss}; null for any or none
 * @param audience who is to be among its {@code aud}; null for any or none
 * @param clockSkewMillis how far the issuer's clock may be ahead, for {@code nbf} and {@code iat}. Not for
 *     {@code exp}: a connection ends at that moment, and an issuer who is behind only ends it sooner.
 * @param lifeMaxMillis from {@code iat} to {@code exp}; revocations are remembered as long
 */
public record TokenRules(@Nullable String issuer, @Nullable String audience, long clockSkewMillis, long lifeMaxMillis) {
    public TokenRules {
        if (clockSkewMillis < 0 || lifeMaxMillis <= 0) throw new IllegalArgumentException("a time below nought");
    }
}
