package io.switchboard.security.minting;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.switchboard.security.keys.Algorithm;
import io.switchboard.security.keys.KeyException;
import io.switchboard.security.keys.KeyFormat;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.text.ParseException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/** A key that signs tokens. What {@link #privateJwks} gives has to be kept from others. Immutable. */
public final class SigningKey {
    private static final int SECRET_BYTES = 32;
    private static final int RSA_BITS = 3_072;
    private static final int ED25519_KEY_BYTES = 32;
    // What comes before the 32 bytes of an Ed25519 key in its PKCS #8 form (RFC 8410 section 7).
    private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302e020100300506032b657004220420");

    private final JWK jwk;
    private final Algorithm algorithm;

    private SigningKey(JWK jwk, Algorithm algorithm) {
        this.jwk = jwk;
        this.algorithm = algorithm;
    }

    /** A new one, named by its thumbprint (RFC 7638). */
    public static SigningKey make(Algorithm algorithm) {
        try {
            JWSAlgorithm named = JWSAlgorithm.parse(algorithm.label());
            JWK jwk =
                    switch (algorithm) {
                        case HS256 -> {
                            byte[] secret = new byte[SECRET_BYTES];
                            new SecureRandom().nextBytes(secret);
                            yield new OctetSequenceKey.Builder(secret)
                                    .algorithm(named)
                                    .keyUse(KeyUse.SIGNATURE)
                                    .keyIDFromThumbprint()
                                    .build();
                        }
                        case RS256 -> {
                            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
                            generator.initialize(RSA_BITS);
                            KeyPair pair = generator.generateKeyPair();
                            yield new RSAKey.Builder((RSAPublicKey) pair.getPublic())
                                    .privateKey(pair.getPrivate())
                                    .algorithm(named)
                                    .keyUse(KeyUse.SIGNATURE)
                                    .keyIDFromThumbprint()
                                    .build();
                        }
                        case ES256 -> {
                            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
                            generator.initialize(new ECGenParameterSpec("secp256r1"));
                            KeyPair pair = generator.generateKeyPair();
                            yield new ECKey.Builder(Curve.P_256, (ECPublicKey) pair.getPublic())
                                    .privateKey(pair.getPrivate())
                                    .algorithm(named)
                                    .keyUse(KeyUse.SIGNATURE)
                                    .keyIDFromThumbprint()
                                    .build();
                        }
                        case EDDSA -> {
                            KeyPair pair =
                                    KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
                            yield new OctetKeyPair.Builder(
                                            Curve.Ed25519,
                                            last32(pair.getPublic().getEncoded()))
                                    .d(last32(pair.getPrivate().getEncoded()))
                                    .algorithm(named)
                                    .keyUse(KeyUse.SIGNATURE)
                                    .keyIDFromThumbprint()
                                    .build();
                        }
                    };
            return new SigningKey(jwk, algorithm);
        } catch (GeneralSecurityException | JOSEException impossible) {
            throw new AssertionError("every Java can make such a key", impossible);
        }
    }

    private static Base64URL last32(byte[] encoded) {
        return Base64URL.encode(Arrays.copyOfRange(encoded, encoded.length - ED25519_KEY_BYTES, encoded.length));
    }

    /**
     * The first key in a JWKS, or the one JWK, that can sign.
     *
     * @throws KeyException if there is none, or it is no such file
     */
    public static SigningKey read(String text) throws KeyException {
        for (Map<String, Object> member : KeyFormat.members(text)) {
            try {
                JWK jwk = JWK.parse(member);
                Algorithm algorithm = KeyFormat.algorithm(jwk);
                if (algorithm != null && jwk.isPrivate()) return new SigningKey(jwk, algorithm);
            } catch (ParseException | RuntimeException broken) {
                throw new KeyException("A key in it is broken.", broken);
            }
        }
        throw new KeyException(
                "It holds no key that can sign: that is the private file that `switchboard keys` makes.");
    }

    public Algorithm algorithm() {
        return algorithm;
    }

    /** A JWKS that can sign, over several lines. */
    public String privateJwks() {
        return jwks(jwk);
    }

    /** A JWKS that can only check; empty for a secret, which has no such half. */
    public Optional<String> publicJwks() {
        return Optional.ofNullable(jwk.toPublicJWK()).map(SigningKey::jwks);
    }

    private static String jwks(JWK jwk) {
        return "{\"keys\": [\n  " + JSONObjectUtils.toJSONString(jwk.toJSONObject()) + "\n]}\n";
    }

    /**
     * Signs a token that says {@code claims}, in compact form.
     *
     * @throws KeyException if the key is too weak, or broken
     */
    public String sign(Map<String, Object> claims) throws KeyException {
        JWSHeader.Builder header =
                new JWSHeader.Builder(JWSAlgorithm.parse(algorithm.label())).type(JOSEObjectType.JWT);
        if (jwk.getKeyID() != null) header.keyID(jwk.getKeyID());
        JWSHeader built = header.build();
        String signed = built.toBase64URL() + "." + Base64URL.encode(JSONObjectUtils.toJSONString(claims));
        try {
            return signed + "." + signature(built, signed.getBytes(StandardCharsets.US_ASCII));
        } catch (JOSEException | GeneralSecurityException | RuntimeException unusable) {
            throw new KeyException("The key cannot sign: it is too weak, or broken.", unusable);
        }
    }

    private Base64URL signature(JWSHeader header, byte[] signed) throws JOSEException, GeneralSecurityException {
        return switch (jwk) {
            case OctetSequenceKey secret -> new MACSigner(secret).sign(header, signed);
            case RSAKey rsa -> new RSASSASigner(rsa).sign(header, signed);
            case ECKey ec -> new ECDSASigner(ec).sign(header, signed);
            case OctetKeyPair ed -> ed25519(ed, signed);
            default -> throw new GeneralSecurityException("no key that signs");
        };
    }

    // The library would need Tink for it; the JDK has it by itself.
    private static Base64URL ed25519(OctetKeyPair key, byte[] signed) throws GeneralSecurityException {
        byte[] seed = key.getDecodedD();
        byte[] encoded = Arrays.copyOf(ED25519_PREFIX, ED25519_PREFIX.length + seed.length);
        System.arraycopy(seed, 0, encoded, ED25519_PREFIX.length, seed.length);
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(encoded)));
        signature.update(signed);
        return Base64URL.encode(signature.sign());
    }
}
