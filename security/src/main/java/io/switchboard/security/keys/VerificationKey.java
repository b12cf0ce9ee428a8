package io.switchboard.security.keys;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.NamedParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * A key with the one algorithm it checks, whatever a token's header says: so no public key is ever taken for a
 * secret. Immutable; any thread.
 */
public final class VerificationKey {
    public static final int SECRET_BYTES_MIN = 32;
    public static final int RSA_BITS_MIN = 2_048;
    /** A check with a larger one takes milliseconds. */
    public static final int RSA_BITS_MAX = 8_192;

    private static final int ED25519_SIGNATURE_BYTES = 64;

    private interface Check {
        boolean accepts(byte[] signed, byte[] signature) throws JOSEException, GeneralSecurityException;
    }

    private final @Nullable String id;
    private final Algorithm algorithm;
    private final Check check;

    private VerificationKey(@Nullable String id, Algorithm algorithm, Check check) {
        this.id = id;
        this.algorithm = algorithm;
        this.check = check;
    }

    /** @throws KeyException if it is shorter than what it makes (RFC 7518 section 3.2) */
    static VerificationKey secret(@Nullable String id, byte[] secret) throws KeyException {
        if (secret.length < SECRET_BYTES_MIN) {
            throw new KeyException("A secret for HS256 needs at least " + SECRET_BYTES_MIN
                    + " random bytes; this one has " + secret.length + ".");
        }
        return of(id, Algorithm.HS256, JWSAlgorithm.HS256, () -> new MACVerifier(secret));
    }

    /** @throws KeyException if it is too weak, on another curve, or of another family */
    static VerificationKey of(@Nullable String id, java.security.Key key) throws KeyException {
        return switch (key) {
            case RSAPublicKey rsa -> rsa(id, rsa);
            case ECPublicKey ec -> {
                if (!Curve.P_256.equals(Curve.forECParameterSpec(ec.getParams()))) {
                    throw new KeyException("A key for ES256 is on the curve P-256; this one is on another.");
                }
                yield of(id, Algorithm.ES256, JWSAlgorithm.ES256, () -> new ECDSAVerifier(ec));
            }
            case EdECPublicKey ed -> {
                if (!ed.getParams().getName().equals(NamedParameterSpec.ED25519.getName())) {
                    throw new KeyException("A key for EdDSA is on the curve Ed25519; this one is on another.");
                }
                yield new VerificationKey(id, Algorithm.EDDSA, (signed, signature) -> {
                    if (signature.length != ED25519_SIGNATURE_BYTES) return false;
                    // The library would need Tink for it; the JDK has it by itself.
                    Signature ed25519 = Signature.getInstance("Ed25519");
                    ed25519.initVerify(ed);
                    ed25519.update(signed);
                    return ed25519.verify(signature);
                });
            }
            default ->
                throw new KeyException(
                        "A key is RSA, an elliptic curve's P-256, or Ed25519; this one is " + key.getAlgorithm() + ".");
        };
    }

    private static VerificationKey rsa(@Nullable String id, RSAPublicKey key) throws KeyException {
        int bits = key.getModulus().bitLength();
        if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX) {
            throw new KeyException("A key for RS256 has " + RSA_BITS_MIN + " to " + RSA_BITS_MAX
                    + " bits; this one has " + bits + ".");
        }
        return of(id, Algorithm.RS256, JWSAlgorithm.RS256, () -> new RSASSAVerifier(key));
    }

    private interface Maker {
        JWSVerifier make() throws JOSEException;
    }

    private static VerificationKey of(@Nullable String id, Algorithm algorithm, JWSAlgorithm named, Maker maker)
            throws KeyException {
        try {
            JWSVerifier verifier = maker.make();
            JWSHeader header = new JWSHeader(named);
            return new VerificationKey(
                    id, algorithm, (signed, signature) -> verifier.verify(header, signed, Base64URL.encode(signature)));
        } catch (JOSEException unusable) {
            throw new KeyException("A key for " + algorithm.label() + " cannot be used.", unusable);
        }
    }

    /** Its {@code kid}; null if it has none. */
    public @Nullable String id() {
        return id;
    }

    public Algorithm algorithm() {
        return algorithm;
    }

    /** Whether {@code signature} was made over {@code signed} with the other half of this key. Never throws. */
    public boolean accepts(byte[] signed, byte[] signature) {
        try {
            return check.accepts(signed, signature);
        } catch (JOSEException | GeneralSecurityException | RuntimeException unreadable) {
            return false;
        }
    }
}
