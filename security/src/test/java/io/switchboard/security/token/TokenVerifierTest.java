package io.switchboard.security.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.Base64URL;
import io.switchboard.core.access.Access;
import io.switchboard.core.access.Authenticator.Reason;
import io.switchboard.core.access.Authenticator.Verdict;
import io.switchboard.core.access.Revocations;
import io.switchboard.core.access.Revocations.Revocation;
import io.switchboard.core.access.Right;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.security.keys.Algorithm;
import io.switchboard.security.keys.KeySource.Look;
import io.switchboard.security.minting.SigningKey;
import io.switchboard.security.session.StoredRevocations;
import io.switchboard.testkit.ManualTicker;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("slow") // it makes RSA keys
class TokenVerifierTest {
    private static final long NOW_SECONDS = 1_800_000_000L;
    private static final long DAY_SECONDS = 86_400;
    private static final TokenRules RULES = new TokenRules(null, null, 10_000, DAY_SECONDS * 1_000);
    private static final Map<Algorithm, SigningKey> KEYS = keys();
    private static final Map<String, Object> GOOD =
            Map.of("sub", "alice", "iat", NOW_SECONDS, "exp", NOW_SECONDS + 3_600);

    private final ManualTicker ticker = new ManualTicker(NOW_SECONDS * 1_000);
    private final StoredRevocations revocations = StoredRevocations.inMemory(ticker, DAY_SECONDS * 1_000 + 10_000);
    private final FixedKeys keys = FixedKeys.of(KEYS.values().toArray(SigningKey[]::new));

    @AfterEach
    void end() {
        revocations.close();
    }

    private static Map<Algorithm, SigningKey> keys() {
        Map<Algorithm, SigningKey> keys = new EnumMap<>(Algorithm.class);
        for (Algorithm algorithm : Algorithm.values()) keys.put(algorithm, SigningKey.make(algorithm));
        return keys;
    }

    private static SigningKey key(Algorithm algorithm) {
        SigningKey key = KEYS.get(algorithm);
        if (key == null) throw new AssertionError(algorithm);
        return key;
    }

    private static JWK jwk(SigningKey key) throws Exception {
        return JWKSet.parse(key.privateJwks()).getKeys().getFirst();
    }

    private static String kid(Algorithm algorithm) throws Exception {
        return jwk(key(algorithm)).getKeyID();
    }

    private static String sign(Algorithm algorithm, Map<String, ?> claims) throws Exception {
        return key(algorithm).sign(new LinkedHashMap<>(claims));
    }

    private static Map<String, Object> with(Object... namesAndValues) {
        Map<String, Object> claims = new LinkedHashMap<>(GOOD);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            claims.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return claims;
    }

    private static String encoded(String text) {
        return Base64URL.encode(text).toString();
    }

    private TokenVerifier verifier(TokenRules rules) {
        return new TokenVerifier(keys, rules, revocations, ticker);
    }

    private Verdict judge(String token) {
        return judge(verifier(RULES), token);
    }

    private static Verdict judge(TokenVerifier verifier, String token) {
        List<Verdict> verdicts = new ArrayList<>();
        verifier.authenticate(token, verdicts::add);
        assertThat(verdicts).hasSize(1);
        return verdicts.getFirst();
    }

    private static Verdict refused(Reason reason) {
        return new Verdict.Refused(reason);
    }

    private static Access accepted(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
        return ((Verdict.Accepted) verdict).access();
    }

    @ParameterizedTest
    @EnumSource
    void tokenOfEachAlgorithmTellsWhoMayDoWhat(Algorithm algorithm) throws Exception {
        String token = sign(
                algorithm,
                with(
                        "iat",
                        NOW_SECONDS - 5,
                        "jti",
                        "t-1",
                        "admin",
                        true,
                        "channels",
                        Map.of("read", List.of("chat/**"), "write", List.of("chat/room-1", "log/*"))));
        Access access = accepted(judge(token));

        assertThat(access.subject()).isEqualTo("alice");
        assertThat(access.tokenId()).isEqualTo("t-1");
        assertThat(access.issuedAtMillis()).isEqualTo((NOW_SECONDS - 5) * 1_000);
        assertThat(access.expiresAtMillis()).isEqualTo((NOW_SECONDS + 3_600) * 1_000);
        assertThat(access.grants().admin()).isTrue();
        assertThat(access.allows(Right.READ, new ChannelName("chat/a/b"))).isTrue();
        assertThat(access.allows(Right.WRITE, new ChannelName("log/a"))).isTrue();
        assertThat(access.allows(Right.WRITE, new ChannelName("chat/room-2"))).isFalse();
        assertThat(access.allows(Right.MANAGE, new ChannelName("chat/room-1"))).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void noBitOfASignatureMayChange(Algorithm algorithm) throws Exception {
        String token = sign(algorithm, GOOD);
        int dot = token.lastIndexOf('.');
        byte[] signature = Base64URL.from(token.substring(dot + 1)).decode();
        for (int i : new int[] {0, signature.length / 2, signature.length - 1}) {
            byte[] changed = signature.clone();
            changed[i] ^= 1;
            assertThat(judge(token.substring(0, dot + 1) + Base64URL.encode(changed)))
                    .isEqualTo(refused(Reason.SIGNATURE));
        }
        for (byte[] wrong : List.of(
                new byte[0],
                new byte[64],
                new byte[signature.length],
                Arrays.copyOf(signature, signature.length + 1),
                Arrays.copyOf(signature, signature.length - 1))) {
            assertThat(judge(token.substring(0, dot + 1) + Base64URL.encode(wrong)))
                    .isEqualTo(refused(Reason.SIGNATURE));
        }
        String other = sign(algorithm, with("sub", "mallory"));
        assertThat(judge(token.substring(0, token.indexOf('.'))
                        + other.substring(other.indexOf('.'), other.lastIndexOf('.'))
                        + token.substring(dot)))
                .isEqualTo(refused(Reason.SIGNATURE));
    }

    @ParameterizedTest
    @EnumSource
    void keyOfAnotherHouseWithTheSameNameOpensNothing(Algorithm algorithm) throws Exception {
        Map<String, Object> foreign =
                new LinkedHashMap<>(jwk(SigningKey.make(algorithm)).toJSONObject());
        foreign.put("kid", kid(algorithm));
        SigningKey twin = SigningKey.read(com.nimbusds.jose.util.JSONObjectUtils.toJSONString(foreign));
        assertThat(judge(twin.sign(new LinkedHashMap<>(GOOD)))).isEqualTo(refused(Reason.SIGNATURE));
    }

    /** A header, signed by the secret unless said otherwise; and what it is refused for. */
    static Stream<Arguments> headers() throws Exception {
        String kid = kid(Algorithm.HS256);
        return Stream.of(
                Arguments.of("{'alg':'none'}", Reason.ALGORITHM),
                Arguments.of("{'alg':'None','kid':'" + kid + "'}", Reason.ALGORITHM),
                Arguments.of("{'alg':'hs256','kid':'" + kid + "'}", Reason.ALGORITHM),
                Arguments.of("{'alg':'HS512','kid':'" + kid + "'}", Reason.ALGORITHM),
                Arguments.of("{'alg':'PS256','kid':'" + kid + "'}", Reason.ALGORITHM),
                Arguments.of("{'alg':'ES256K','kid':'" + kid + "'}", Reason.ALGORITHM),
                Arguments.of("{'alg':'','kid':'" + kid + "'}", Reason.ALGORITHM),
                Arguments.of("{'alg':null}", Reason.MALFORMED),
                Arguments.of("{'alg':['HS256']}", Reason.MALFORMED),
                Arguments.of("{'kid':'" + kid + "'}", Reason.MALFORMED),
                Arguments.of("{'alg':'HS256','crit':['exp'],'exp':1,'kid':'" + kid + "'}", Reason.MALFORMED),
                Arguments.of("{'alg':'HS256','crit':[],'kid':'" + kid + "'}", Reason.MALFORMED),
                Arguments.of("{'alg':'HS256','b64':false,'crit':['b64'],'kid':'" + kid + "'}", Reason.MALFORMED),
                Arguments.of("{'alg':'HS256','b64':false,'kid':'" + kid + "'}", Reason.MALFORMED),
                Arguments.of("{'alg':'HS256','alg':'none','kid':'" + kid + "'}", Reason.MALFORMED),
                Arguments.of("{'alg':'none','alg':'HS256','kid':'" + kid + "'}", Reason.MALFORMED),
                Arguments.of("{'alg':'HS256','kid':7}", Reason.MALFORMED),
                Arguments.of("{'alg':'HS256','kid':'" + "k".repeat(257) + "'}", Reason.MALFORMED),
                Arguments.of("{'alg':'HS256','kid':'../../dev/null'}", Reason.UNKNOWN_KEY),
                Arguments.of("{'alg':'HS256','kid':'\\u0000'}", Reason.UNKNOWN_KEY),
                Arguments.of("{'alg':'HS256','kid':'x OR 1=1 --'}", Reason.UNKNOWN_KEY),
                Arguments.of("{'alg':'HS256','kid':''}", Reason.UNKNOWN_KEY),
                Arguments.of("{'alg':'RS256','kid':'" + kid + "'}", Reason.ALGORITHM),
                Arguments.of("{'alg':'HS256','kid':'" + kid(Algorithm.RS256) + "'}", Reason.ALGORITHM),
                Arguments.of("{'alg':'EdDSA','kid':'" + kid(Algorithm.ES256) + "'}", Reason.ALGORITHM),
                Arguments.of("[]", Reason.MALFORMED),
                Arguments.of("{'alg':'HS256'} {}", Reason.MALFORMED),
                Arguments.of("{'alg':'HS256',}", Reason.MALFORMED),
                Arguments.of("\ufeff{'alg':'HS256'}", Reason.MALFORMED),
                Arguments.of("{'alg':'HS256','x':" + "[".repeat(50) + "]".repeat(50) + "}", Reason.MALFORMED),
                Arguments.of("", Reason.MALFORMED));
    }

    @ParameterizedTest
    @MethodSource("headers")
    void headersAreNoWayIn(String header, Reason reason) throws Exception {
        assertThat(judge(signedBySecret(header.replace('\'', '"')))).isEqualTo(refused(reason));
    }

    private static String signedBySecret(String header) throws Exception {
        String signed = encoded(header) + "." + encoded("{\"sub\":\"alice\",\"exp\":" + (NOW_SECONDS + 60) + "}");
        return signed + "." + mac(jwk(key(Algorithm.HS256)).toOctetSequenceKey().toByteArray(), signed);
    }

    private static Base64URL mac(byte[] secret, String signed) throws Exception {
        return new MACSigner(secret)
                .sign(new JWSHeader(JWSAlgorithm.HS256), signed.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void keysThatAHeaderBringsAreNotLookedAt() throws Exception {
        SigningKey own = SigningKey.make(Algorithm.RS256);
        String jwk = jwk(own).toPublicJWK().toJSONString();
        for (String more : List.of(
                "\"jwk\":" + jwk,
                "\"jku\":\"http://127.0.0.1:1/keys\"",
                "\"x5u\":\"http://127.0.0.1:1/cert\"",
                "\"x5c\":[\"MIIB\"]")) {
            String header = "{\"alg\":\"RS256\"," + more + "}";
            String signed = encoded(header) + "." + encoded("{\"sub\":\"alice\",\"exp\":" + (NOW_SECONDS + 60) + "}");
            Base64URL signature = new RSASSASigner(jwk(own).toRSAKey())
                    .sign(new JWSHeader(JWSAlgorithm.RS256), signed.getBytes(StandardCharsets.US_ASCII));
            assertThat(judge(signed + "." + signature)).as(more).isEqualTo(refused(Reason.SIGNATURE));
        }
    }

    /** The classic: what everybody may know, taken for the secret. */
    @Test
    void publicKeyIsNoSecret() throws Exception {
        keys.set(key(Algorithm.RS256));
        byte[] der = jwk(key(Algorithm.RS256)).toRSAKey().toPublicKey().getEncoded();
        String pem = "-----BEGIN PUBLIC KEY-----\n"
                + java.util.Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END PUBLIC KEY-----";
        for (byte[] secret : List.of(
                der,
                pem.getBytes(StandardCharsets.US_ASCII),
                (pem + "\n").getBytes(StandardCharsets.US_ASCII),
                jwk(key(Algorithm.RS256)).toPublicJWK().toJSONString().getBytes(StandardCharsets.US_ASCII))) {
            for (String header :
                    List.of("{\"alg\":\"HS256\"}", "{\"alg\":\"HS256\",\"kid\":\"" + kid(Algorithm.RS256) + "\"}")) {
                String signed =
                        encoded(header) + "." + encoded("{\"sub\":\"alice\",\"exp\":" + (NOW_SECONDS + 60) + "}");
                assertThat(judge(signed + "." + mac(secret, signed))).isEqualTo(refused(Reason.ALGORITHM));
            }
        }
        keys.set(pem);
        String signed = encoded("{\"alg\":\"HS256\"}") + "."
                + encoded("{\"sub\":\"alice\",\"exp\":" + (NOW_SECONDS + 60) + "}");
        assertThat(judge(signed + "." + mac(pem.getBytes(StandardCharsets.US_ASCII), signed)))
                .isEqualTo(refused(Reason.ALGORITHM));
        assertThat(accepted(judge(sign(Algorithm.RS256, GOOD))).subject()).isEqualTo("alice");
    }

    @Test
    void whatIsNoTokenIsMalformed() throws Exception {
        String good = sign(Algorithm.EDDSA, GOOD);
        for (String token : List.of(
                "",
                ".",
                "..",
                "...",
                "a.b",
                "a.b.c.d.e",
                good + ".",
                good + "=",
                " " + good,
                good + "\n",
                good.replace('.', ','),
                good.substring(0, good.indexOf('.') + 1) + "!" + good.substring(good.indexOf('.') + 1),
                "\u0000",
                "é.é.é",
                "{\"payload\":\"e30\",\"signatures\":[]}",
                good + "x".repeat(8_192),
                "x".repeat(10_000_000))) {
            assertThat(judge(token)).isEqualTo(refused(Reason.MALFORMED));
        }
        // The last character of 64 bytes has four bits to spare: there is only one way to write them.
        char last = good.charAt(good.length() - 1);
        assertThat(judge(good.substring(0, good.length() - 1) + (char) (last + 1)))
                .isEqualTo(refused(Reason.MALFORMED));
    }

    static Stream<Arguments> claims() {
        List<String> many = java.util.Collections.nCopies(101, "a");
        return Stream.of(
                Arguments.of(with("exp", NOW_SECONDS), Reason.EXPIRED),
                Arguments.of(with("exp", NOW_SECONDS - 1), Reason.EXPIRED),
                Arguments.of(with("exp", 0), Reason.EXPIRED),
                Arguments.of(Map.of("sub", "alice"), Reason.CLAIMS),
                Arguments.of(with("exp", String.valueOf(NOW_SECONDS + 60)), Reason.CLAIMS),
                Arguments.of(with("exp", -1), Reason.CLAIMS),
                Arguments.of(with("exp", 1e300), Reason.CLAIMS),
                Arguments.of(with("exp", NOW_SECONDS + DAY_SECONDS + 11), Reason.CLAIMS),
                Arguments.of(with("exp", NOW_SECONDS + 60, "iat", NOW_SECONDS - DAY_SECONDS), Reason.CLAIMS),
                Arguments.of(Map.of("sub", "alice", "exp", NOW_SECONDS + 60), Reason.CLAIMS), // may end far away
                Arguments.of(Map.of("sub", "alice", "exp", NOW_SECONDS + 60, "iat", -1), Reason.CLAIMS),
                Arguments.of(with("iat", NOW_SECONDS + 11), Reason.NOT_YET_VALID),
                Arguments.of(with("iat", "now"), Reason.CLAIMS),
                Arguments.of(with("nbf", NOW_SECONDS + 11), Reason.NOT_YET_VALID),
                Arguments.of(with("nbf", true), Reason.CLAIMS),
                Arguments.of(Map.of("exp", NOW_SECONDS + 60), Reason.CLAIMS),
                Arguments.of(with("sub", ""), Reason.CLAIMS),
                Arguments.of(with("sub", 7), Reason.CLAIMS),
                Arguments.of(with("sub", List.of("alice")), Reason.CLAIMS),
                Arguments.of(with("sub", "a".repeat(257)), Reason.CLAIMS),
                Arguments.of(with("sub", "é".repeat(129)), Reason.CLAIMS),
                Arguments.of(with("sub", "a\nb"), Reason.CLAIMS),
                Arguments.of(with("sub", "a\u0000"), Reason.CLAIMS),
                Arguments.of(with("sub", "a\u2028"), Reason.CLAIMS),
                Arguments.of(with("jti", 7), Reason.CLAIMS),
                Arguments.of(with("jti", "x\r"), Reason.CLAIMS),
                Arguments.of(with("iss", 7), Reason.CLAIMS),
                Arguments.of(with("aud", 7), Reason.CLAIMS),
                Arguments.of(with("aud", List.of("a", 7)), Reason.CLAIMS),
                Arguments.of(with("admin", "true"), Reason.CLAIMS),
                Arguments.of(with("admin", 1), Reason.CLAIMS),
                Arguments.of(with("channels", "chat/**"), Reason.CLAIMS),
                Arguments.of(with("channels", List.of("chat/**")), Reason.CLAIMS),
                Arguments.of(with("channels", Map.of("read", "**")), Reason.CLAIMS),
                Arguments.of(with("channels", Map.of("read", List.of(1))), Reason.CLAIMS),
                Arguments.of(with("channels", Map.of("write", List.of("a//b"))), Reason.CLAIMS),
                Arguments.of(with("channels", Map.of("write", List.of("../a"))), Reason.CLAIMS),
                Arguments.of(with("channels", Map.of("manage", List.of(""))), Reason.CLAIMS),
                Arguments.of(with("channels", Map.of("manage", many)), Reason.CLAIMS));
    }

    @ParameterizedTest
    @MethodSource("claims")
    void claimsThatAreNotAsTheyShouldBeAreRefused(Map<String, Object> claims, Reason reason) throws Exception {
        assertThat(judge(sign(Algorithm.HS256, claims))).isEqualTo(refused(reason));
    }

    @Test
    void claimsThatAreNoCleanObjectAreRefused() throws Exception {
        String header = encoded("{\"alg\":\"HS256\",\"kid\":\"" + kid(Algorithm.HS256) + "\"}");
        String exp = "\"exp\":" + (NOW_SECONDS + 60);
        byte[] secret = jwk(key(Algorithm.HS256)).toOctetSequenceKey().toByteArray();
        for (String claims : List.of(
                "",
                "null",
                "[]",
                "{\"sub\":\"alice\",\"sub\":\"root\"," + exp + "}",
                "{\"sub\":\"alice\",\"admin\":null," + exp + "}",
                "{\"sub\":\"alice\",\"channels\":null," + exp + "}",
                "{\"sub\":\"alice\",\"channels\":{\"read\":null}," + exp + "}",
                "{\"sub\":\"alice\",\"channels\":{\"read\":[],\"read\":[\"**\"]}," + exp + "}",
                "{\"sub\":\"alice\",\"nbf\":null," + exp + "}",
                "{\"sub\":\"\\ud800\"," + exp + "}",
                "{\"sub\":\"alice\",\"exp\":1e999999999}",
                "{\"sub\":\"alice\",\"exp\":NaN}",
                "{\"sub\":\"alice\"," + exp + "}{}")) {
            String signed = header + "." + encoded(claims);
            assertThat(judge(signed + "." + mac(secret, signed))).as(claims).isEqualTo(refused(Reason.CLAIMS));
        }
    }

    @Test
    void clockOfTheIssuerMayBeAheadALittleButNobodyStaysLonger() throws Exception {
        accepted(judge(sign(Algorithm.HS256, with("iat", NOW_SECONDS + 10, "nbf", NOW_SECONDS + 10))));
        Access access = accepted(judge(sign(Algorithm.HS256, with("exp", NOW_SECONDS + 1.5))));
        assertThat(access.expiresAtMillis()).isEqualTo(NOW_SECONDS * 1_000 + 1_500);
        assertThat(access.issuedAtMillis()).isEqualTo(NOW_SECONDS * 1_000);
    }

    @Test
    void issuerAndAudienceAreNeededWhereTheyAreConfigured() throws Exception {
        TokenVerifier verifier = verifier(new TokenRules("https://id.example", "board", 0, DAY_SECONDS * 1_000));
        String issuer = "https://id.example";
        accepted(judge(verifier, sign(Algorithm.ES256, with("iss", issuer, "aud", "board"))));
        accepted(judge(verifier, sign(Algorithm.ES256, with("iss", issuer, "aud", List.of("x", "board")))));
        assertThat(judge(verifier, sign(Algorithm.ES256, with("iss", issuer)))).isEqualTo(refused(Reason.AUDIENCE));
        assertThat(judge(verifier, sign(Algorithm.ES256, with("iss", issuer, "aud", "Board"))))
                .isEqualTo(refused(Reason.AUDIENCE));
        assertThat(judge(verifier, sign(Algorithm.ES256, with("iss", issuer, "aud", List.of()))))
                .isEqualTo(refused(Reason.AUDIENCE));
        assertThat(judge(verifier, sign(Algorithm.ES256, with("aud", "board")))).isEqualTo(refused(Reason.ISSUER));
        assertThat(judge(verifier, sign(Algorithm.ES256, with("iss", issuer + "/", "aud", "board"))))
                .isEqualTo(refused(Reason.ISSUER));
    }

    @Test
    void tokenThatWasGoodIsLookedAtAgainEachTime() throws Exception {
        TokenVerifier verifier = verifier(RULES);
        String token = sign(Algorithm.EDDSA, with("iat", NOW_SECONDS - 1));
        Access first = accepted(judge(verifier, token));
        assertThat(accepted(judge(verifier, token))).isSameAs(first);

        CompletableFuture<Revocations.Outcome> kept = new CompletableFuture<>();
        revocations.revoke(new Revocation("alice", null, ticker.nowMillis()), kept::complete);
        assertThat(kept.join()).isEqualTo(Revocations.Outcome.KEPT);
        assertThat(judge(verifier, token)).isEqualTo(refused(Reason.REVOKED));
        String fresh = sign(Algorithm.EDDSA, with("iat", NOW_SECONDS + 1));
        accepted(judge(verifier, fresh));
        ticker.advance(3_600_000);
        assertThat(judge(verifier, fresh)).isEqualTo(refused(Reason.EXPIRED));
    }

    @Test
    void tokenThatWasGoodIsRefusedWhenItsKeyIsGone() throws Exception {
        TokenVerifier verifier = verifier(RULES);
        String token = sign(Algorithm.RS256, GOOD);
        accepted(judge(verifier, token));
        keys.set(key(Algorithm.EDDSA));
        assertThat(judge(verifier, token)).isEqualTo(refused(Reason.UNKNOWN_KEY));
        keys.set(key(Algorithm.RS256));
        accepted(judge(verifier, token));
    }

    @Test
    void forgedTokensDoNotDriveOutGoodOnes() throws Exception {
        TokenVerifier verifier = verifier(RULES);
        String good = sign(Algorithm.HS256, GOOD);
        Access first = accepted(judge(verifier, good));
        String signed = good.substring(0, good.lastIndexOf('.') + 1);
        for (int i = 0; i < 2 * TokenVerifier.REFUSED_MAX; i++) {
            assertThat(judge(verifier, signed + encoded("forged " + i))).isEqualTo(refused(Reason.SIGNATURE));
        }
        assertThat(accepted(judge(verifier, good))).isSameAs(first);
    }

    @Test
    void unknownKeyIsWaitedForWhileItIsLookedFor() throws Exception {
        TokenVerifier verifier = verifier(RULES);
        keys.set(key(Algorithm.EDDSA));
        keys.answer = Look.UNDER_WAY;
        List<Verdict> verdicts = new ArrayList<>();
        verifier.authenticate(sign(Algorithm.ES256, GOOD), verdicts::add);
        verifier.authenticate(sign(Algorithm.RS256, GOOD), verdicts::add);
        assertThat(verdicts).isEmpty();
        keys.set(key(Algorithm.ES256));
        keys.lookIsOver();
        assertThat(verdicts).hasSize(2);
        accepted(verdicts.getFirst());
        assertThat(verdicts.getLast()).isEqualTo(refused(Reason.UNKNOWN_KEY));

        keys.answer = Look.CROWDED;
        assertThat(judge(verifier, sign(Algorithm.RS256, GOOD))).isEqualTo(new Verdict.Unavailable());
    }

    @Test
    void withoutAnyKeysNothingIsKnown() throws Exception {
        TokenVerifier verifier = new TokenVerifier(new FixedKeys(), RULES, revocations, ticker);
        assertThat(judge(verifier, sign(Algorithm.ES256, GOOD))).isEqualTo(new Verdict.Unavailable());
        assertThat(judge(verifier, "nonsense")).isEqualTo(refused(Reason.MALFORMED));
    }
}
