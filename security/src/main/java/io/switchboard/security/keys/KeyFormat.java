package io.switchboard.security.keys;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How keys are written: as a JWKS or a single JWK (RFC 7517), or in PEM blocks (RFC 7468) as public keys and
 * certificates. Of a certificate only the key counts.
 */
public final class KeyFormat {
    /** The size of a file or an answer that is read. */
    public static final int BYTES_MAX = 256 << 10;

    /** How long the name of a key may be, and the {@code kid} of a token. */
    public static final int ID_LENGTH_MAX = 256;

    private static final Pattern PEM_BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\\s]*+)-----END \\1-----");
    // What comes before the 32 bytes of an Ed25519 key in its X.509 form (RFC 8410 section 4).
    private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");
    private static final int ED25519_KEY_BYTES = 32;

    private KeyFormat() {}

    /** Whether secrets may be among the keys. */
    public enum Secrets {
        TAKEN,
        /** They are passed over: what others can fetch is no secret. */
        PASSED_OVER
    }

    /**
     * The keys in {@code bytes}. In a JWKS those of other kinds and for other uses are passed over, as RFC 7517
     * section 5 says; one that is too weak, or broken, spoils all.
     *
     * @throws KeyException with a sentence that says what is wrong
     */
    public static KeyRing read(byte[] bytes, Secrets secrets) throws KeyException {
        if (bytes.length > BYTES_MAX) throw new KeyException("It is larger than " + BYTES_MAX + " bytes.");
        String text = new String(bytes, StandardCharsets.UTF_8).strip();
        return new KeyRing(text.startsWith("{") ? ofJson(text, secrets) : ofPem(text));
    }

    private static List<VerificationKey> ofJson(String text, Secrets secrets) throws KeyException {
        List<VerificationKey> keys = new ArrayList<>();
        for (Map<String, Object> member : members(text)) {
            VerificationKey key = ofMember(member, secrets);
            if (key != null) keys.add(key);
        }
        return keys;
    }

    /** The keys of a JWKS, or the one JWK, as JSON objects. */
    public static List<Map<String, Object>> members(String text) throws KeyException {
        try {
            Map<String, Object> root = JSONObjectUtils.parse(text, BYTES_MAX);
            if (!root.containsKey("keys")) return List.of(root);
            Map<String, Object>[] members = JSONObjectUtils.getJSONObjectArray(root, "keys");
            return members == null ? List.of() : List.of(members);
        } catch (ParseException | RuntimeException broken) {
            throw new KeyException("It is neither a JWKS in JSON nor a PEM file.", broken);
        }
    }

    private static @Nullable VerificationKey ofMember(Map<String, Object> member, Secrets secrets) throws KeyException {
        if (!(member.get("kty") instanceof String type)) throw new KeyException("A key in it has no kty.");
        if (!List.of("oct", "RSA", "EC", "OKP").contains(type)) return null;
        if (type.equals("oct") && secrets == Secrets.PASSED_OVER) return null;
        JWK jwk;
        try {
            jwk = JWK.parse(member);
        } catch (ParseException | RuntimeException broken) {
            throw new KeyException("A key in it is broken.", broken);
        }
        String id = jwk.getKeyID();
        if (id != null && id.length() > ID_LENGTH_MAX) {
            throw new KeyException("A kid in it is longer than " + ID_LENGTH_MAX + " characters.");
        }
        if (jwk.getKeyUse() != null && !jwk.getKeyUse().equals(KeyUse.SIGNATURE)) return null;
        Algorithm algorithm = algorithm(jwk);
        if (algorithm == null) return null;
        if (jwk.getAlgorithm() != null && !jwk.getAlgorithm().getName().equals(algorithm.label())) return null;
        try {
            return switch (jwk) {
                case OctetSequenceKey secret -> VerificationKey.secret(id, secret.toByteArray());
                case RSAKey rsa -> VerificationKey.of(id, rsa.toRSAPublicKey());
                case ECKey ec -> VerificationKey.of(id, ec.toECPublicKey());
                case OctetKeyPair ed -> VerificationKey.of(id, ed25519(ed.getDecodedX()));
                default -> null;
            };
        } catch (JOSEException | GeneralSecurityException broken) {
            throw new KeyException("A key in it is broken.", broken);
        }
    }

    /** What a key is for, by its kind and curve; null for kinds that are not taken. */
    public static @Nullable Algorithm algorithm(JWK jwk) {
        return switch (jwk) {
            case OctetSequenceKey secret -> Algorithm.HS256;
            case RSAKey rsa -> Algorithm.RS256;
            case ECKey ec -> Curve.P_256.equals(ec.getCurve()) ? Algorithm.ES256 : null;
            case OctetKeyPair okp -> Curve.Ed25519.equals(okp.getCurve()) ? Algorithm.EDDSA : null;
            default -> null;
        };
    }

    private static PublicKey ed25519(byte[] x) throws GeneralSecurityException, KeyException {
        if (x.length != ED25519_KEY_BYTES) throw new KeyException("A key for EdDSA has 32 bytes.");
        byte[] encoded = new byte[ED25519_PREFIX.length + ED25519_KEY_BYTES];
        System.arraycopy(ED25519_PREFIX, 0, encoded, 0, ED25519_PREFIX.length);
        System.arraycopy(x, 0, encoded, ED25519_PREFIX.length, ED25519_KEY_BYTES);
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
    }

    private static List<VerificationKey> ofPem(String text) throws KeyException {
        List<VerificationKey> keys = new ArrayList<>();
        Matcher block = PEM_BLOCK.matcher(text);
        while (block.find()) {
            String label = block.group(1);
            if (label.contains("PRIVATE")) {
                throw new KeyException("It holds a private key; a server needs the public one only.");
            }
            try {
                byte[] der = Base64.getMimeDecoder().decode(block.group(2));
                switch (label) {
                    case "PUBLIC KEY" -> keys.add(VerificationKey.of(null, publicKey(der)));
                    case "CERTIFICATE" ->
                        keys.add(VerificationKey.of(
                                null,
                                CertificateFactory.getInstance("X.509")
                                        .generateCertificate(new ByteArrayInputStream(der))
                                        .getPublicKey()));
                    default -> throw new KeyException("It holds a PEM block that is no PUBLIC KEY and no CERTIFICATE.");
                }
            } catch (GeneralSecurityException | RuntimeException broken) {
                throw new KeyException("A PEM block in it is broken.", broken);
            }
        }
        if (keys.isEmpty()) throw new KeyException("It is neither a JWKS in JSON nor a PEM file.");
        return keys;
    }

    private static PublicKey publicKey(byte[] der) throws KeyException {
        for (String family : List.of("RSA", "EC", "Ed25519")) {
            PublicKey key = publicKey(family, der);
            if (key != null) return key;
        }
        throw new KeyException("A public key in it is neither RSA, nor on the curve P-256, nor Ed25519.");
    }

    // Null if it is of another family.
    private static @Nullable PublicKey publicKey(String family, byte[] der) {
        try {
            return KeyFactory.getInstance(family).generatePublic(new X509EncodedKeySpec(der));
        } catch (GeneralSecurityException other) {
            return null;
        }
    }
}
