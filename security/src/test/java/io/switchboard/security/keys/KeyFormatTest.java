package io.switchboard.security.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.switchboard.security.keys.KeyFormat.Secrets;
import io.switchboard.security.keys.KeyRing.Candidates;
import io.switchboard.security.minting.SigningKey;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("slow") // it makes RSA keys
class KeyFormatTest {
    private static KeyRing read(String text) throws KeyException {
        return KeyFormat.read(text.getBytes(StandardCharsets.UTF_8), Secrets.TAKEN);
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    private static byte[] publicKey(String family) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(family);
        if (family.equals("RSA")) generator.initialize(2_048);
        if (family.equals("EC")) generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair().getPublic().getEncoded();
    }

    private static byte[] publicKey(String family, int bits) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(family);
        generator.initialize(bits);
        return generator.generateKeyPair().getPublic().getEncoded();
    }

    @ParameterizedTest
    @EnumSource
    void keyOfEachAlgorithmIsReadWhetherItIsInASetOrAlone(Algorithm algorithm) throws Exception {
        SigningKey key = SigningKey.make(algorithm);
        String set = key.publicJwks().orElseGet(key::privateJwks);
        assertThat(read(set).candidates(null, algorithm)).isInstanceOf(Candidates.Keys.class);
        String alone = set.substring(set.indexOf('[') + 1, set.lastIndexOf(']'));
        assertThat(read(alone).candidates(null, algorithm)).isInstanceOf(Candidates.Keys.class);
        for (Algorithm other : Algorithm.values()) {
            if (other != algorithm) {
                assertThat(read(set).candidates(null, other)).isEqualTo(new Candidates.OtherAlgorithm());
            }
        }
    }

    @Test
    void pemFileMayHoldSeveralKeys() throws Exception {
        String text = "Our keys\n" + pem("PUBLIC KEY", publicKey("RSA")) + pem("PUBLIC KEY", publicKey("EC"))
                + pem("PUBLIC KEY", publicKey("Ed25519"));
        KeyRing ring = read(text);
        assertThat(ring.size()).isEqualTo(3);
        for (Algorithm algorithm : new Algorithm[] {Algorithm.RS256, Algorithm.ES256, Algorithm.EDDSA}) {
            assertThat(ring.candidates("any", algorithm)).isInstanceOf(Candidates.Keys.class);
        }
    }

    @Test
    void ofACertificateOnlyTheKeyCounts() throws Exception {
        // Of a key on P-256; it was good for a day.
        KeyRing ring = read("""
                -----BEGIN CERTIFICATE-----
                MIIBdzCCAR2gAwIBAgIUbOhN3fYenn7fXO76qXSDOIlUhJQwCgYIKoZIzj0EAwIw
                ETEPMA0GA1UEAwwGdG9rZW5zMB4XDTI2MTEyMjE4MDQzMloXDTI2MTEyMzE4MDQz
                MlowETEPMA0GA1UEAwwGdG9rZW5zMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
                srCgNNLUefgoeoknvs/l6fF78PdifXQY7mPYc5eb1iolSW8A/FVSE8D5GRhwR/HW
                7JuKt2oIbZHWNXZ9i8Wf3aNTMFEwHQYDVR0OBBYEFJHd4Xlz6wLwZy71AzSVLNGH
                7ogwMB8GA1UdIwQYMBaAFJHd4Xlz6wLwZy71AzSVLNGH7ogwMA8GA1UdEwEB/wQF
                MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAPf9rXQVzNLjPztoCUfCwKMNMipPxVyz
                8dzROHWV22uNAiARkIsmvh10srs3YGgJfxv6kLVweF7h9RoL3hAvEbxTOA==
                -----END CERTIFICATE-----
                """);
        assertThat(ring.candidates(null, Algorithm.ES256)).isInstanceOf(Candidates.Keys.class);
    }

    @Test
    void keysOfOtherKindsAndForOtherUsesArePassedOver() throws Exception {
        String good = SigningKey.make(Algorithm.ES256).publicJwks().orElseThrow();
        String member =
                good.substring(good.indexOf('[') + 1, good.lastIndexOf(']')).strip();
        String set = "{\"keys\":["
                + "{\"kty\":\"new\",\"x\":1},"
                + member.replace("\"sig\"", "\"enc\"") + ","
                + member.replace("\"ES256\"", "\"ECDH-ES\"") + ","
                + "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"},"
                + member + "]}";
        assertThat(read(set).size()).isEqualTo(1);
    }

    @Test
    void secretThatEverybodyCanFetchIsPassedOver() {
        String secret = SigningKey.make(Algorithm.HS256).privateJwks();
        assertThatExceptionOfType(KeyException.class)
                .isThrownBy(() -> KeyFormat.read(secret.getBytes(StandardCharsets.UTF_8), Secrets.PASSED_OVER))
                .satisfies(refused -> assertThat(refused.sentence()).contains("There is no key"));
    }

    static Stream<Arguments> unusable() throws Exception {
        String shortSecret = Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[31]);
        return Stream.of(
                Arguments.of("", "neither a JWKS"),
                Arguments.of("hello", "neither a JWKS"),
                Arguments.of("{", "neither a JWKS"),
                Arguments.of("[]", "neither a JWKS"),
                Arguments.of("{}", "no kty"),
                Arguments.of("{\"keys\":7}", "neither a JWKS"),
                Arguments.of("{\"keys\":[7]}", "neither a JWKS"),
                Arguments.of("{\"keys\":[]}", "There is no key"),
                Arguments.of("{\"keys\":[{}]}", "no kty"),
                Arguments.of("{\"keys\":[{\"kty\":\"RSA\"}]}", "broken"),
                Arguments.of("{\"keys\":[{\"kty\":\"oct\",\"k\":\"" + shortSecret + "\"}]}", "at least 32"),
                Arguments.of("{\"keys\":[{\"kty\":\"oct\",\"k\":\"\"}]}", ""),
                Arguments.of("{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQ\",\"n\":\"" + "_".repeat(400) + "\"}]}", "broken"),
                Arguments.of("{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"}]}", "32 bytes"),
                Arguments.of("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":\"AQ\"}]}", "broken"),
                Arguments.of("{\"keys\":[" + "[".repeat(5_000) + "]".repeat(5_000) + "]}", "neither a JWKS"),
                Arguments.of(pem("PUBLIC KEY", publicKey("RSA", 1_024)), "2048"),
                Arguments.of(pem("PUBLIC KEY", publicKey("EC", 384)), "P-256"),
                Arguments.of(pem("PUBLIC KEY", publicKey("Ed448")), "neither RSA"),
                Arguments.of(pem("PUBLIC KEY", new byte[20]), "neither RSA"),
                Arguments.of(pem("CERTIFICATE", new byte[20]), "broken"),
                Arguments.of(pem("PRIVATE KEY", new byte[20]), "private key"),
                Arguments.of(pem("RSA PRIVATE KEY", new byte[20]), "private key"),
                Arguments.of(pem("X509 CRL", new byte[20]), "no PUBLIC KEY"),
                Arguments.of("-----BEGIN PUBLIC KEY-----\nAAAA\n", "neither a JWKS"),
                Arguments.of(" ".repeat(KeyFormat.BYTES_MAX + 1), "larger"));
    }

    @ParameterizedTest
    @MethodSource("unusable")
    void whatCannotBeUsedIsRefusedWithASentence(String text, String told) {
        assertThatExceptionOfType(KeyException.class)
                .isThrownBy(() -> read(text))
                .satisfies(refused -> assertThat(refused.sentence()).contains(told));
    }

    @Test
    void thereAreOnlySoManyKeysAndTries() throws Exception {
        StringBuilder set = new StringBuilder("{\"keys\":[");
        for (int i = 0; i < 5; i++) {
            String one = SigningKey.make(Algorithm.HS256).privateJwks();
            set.append(i == 0 ? "" : ",").append(one, one.indexOf('[') + 1, one.lastIndexOf(']'));
        }
        assertThat(read(set + "]}").candidates(null, Algorithm.HS256)).isEqualTo(new Candidates.Unknown());

        String one = SigningKey.make(Algorithm.HS256).privateJwks();
        String member = one.substring(one.indexOf('[') + 1, one.lastIndexOf(']'));
        assertThatExceptionOfType(KeyException.class)
                .isThrownBy(() -> read("{\"keys\":[" + member + ("," + member).repeat(KeyRing.KEYS_MAX) + "]}"))
                .satisfies(refused -> assertThat(refused.sentence()).contains("more than 100"));
    }
}
