package io.switchboard.security.keys;

import org.jspecify.annotations.Nullable;

/** The ways to sign that are taken (RFC 7518 section 3, RFC 8037). A key belongs to exactly one of them. */
public enum Algorithm {
    /** HMAC with SHA-256: whoever can check can sign. */
    HS256("HS256"),
    /** RSASSA-PKCS1-v1_5 with SHA-256. */
    RS256("RS256"),
    /** ECDSA on P-256 with SHA-256. */
    ES256("ES256"),
    /** Ed25519. */
    EDDSA("EdDSA");

    private final String label;

    Algorithm(String label) {
        this.label = label;
    }

    /** As {@code alg} names it. */
    public String label() {
        return label;
    }

    /** The one that {@code alg} names, compared exactly; null for {@code none} and all others. */
    public static @Nullable Algorithm named(String label) {
        for (Algorithm algorithm : values()) if (algorithm.label.equals(label)) return algorithm;
        return null;
    }
}
