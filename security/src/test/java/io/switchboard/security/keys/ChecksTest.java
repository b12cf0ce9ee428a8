package io.switchboard.security.keys;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import io.switchboard.core.access.Authenticator.Reason;
import io.switchboard.core.access.Authenticator.Verdict;
import io.switchboard.security.minting.SigningKey;
import io.switchboard.security.session.StoredRevocations;
import io.switchboard.security.token.TokenRules;
import io.switchboard.security.token.TokenVerifier;
import io.switchboard.testkit.ManualTicker;
import java.math.BigInteger;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.EdECPoint;
import java.security.spec.NamedParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How many signature checks tokens cost: they are checked on loops, for anybody. */
class ChecksTest {
    private static final long NOW_SECONDS = 1_800_000_000L;
    private static final long DAY_MILLIS = 86_400_000;
    private static final String ISSUER = "https://id.example";

    private final ManualTicker ticker = new ManualTicker(NOW_SECONDS * 1_000);
    private final StoredRevocations revocations = StoredRevocations.inMemory(ticker, DAY_MILLIS);
    private final SigningKey signer = SigningKey.make(Algorithm.EDDSA);

    @AfterEach
    void end() {
        revocations.close();
    }

    /** A public key that is asked for its point in each check, as often as the JDK likes. */
    private static final class CountedKey implements EdECPublicKey {
        private static final long serialVersionUID = 1L;
        private final transient EdECPoint point;
        private int asked;

        CountedKey(OctetKeyPair key) {
            byte[] little = key.getX().decode();
            boolean odd = (little[little.length - 1] & 0x80) != 0;
            little[little.length - 1] &= 0x7f;
            byte[] big = new byte[little.length];
            for (int i = 0; i < big.length; i++) big[i] = little[big.length - 1 - i];
            point = new EdECPoint(odd, new BigInteger(1, big));
        }

        @Override
        public EdECPoint getPoint() {
            asked++;
            return point;
        }

        @Override
        public NamedParameterSpec getParams() {
            return NamedParameterSpec.ED25519;
        }

        @Override
        public String getAlgorithm() {
            return "Ed25519";
        }

        @Override
        public String getFormat() {
            return "none";
        }

        @Override
        public byte[] getEncoded() {
            return new byte[0];
        }
    }

    private static final class Source implements KeySource {
        private KeyRing ring;

        Source(KeyRing ring) {
            this.ring = ring;
        }

        @Override
        public KeyRing current() {
            return ring;
        }

        @Override
        public Look lookAgain(Runnable whenOver) {
            return Look.NOT_NOW;
        }

        @Override
        public void tick() {}
    }

    private String sign(String subject, String issuer, long expSeconds) throws KeyException {
        return signer.sign(
                new LinkedHashMap<>(Map.of("sub", subject, "iss", issuer, "iat", NOW_SECONDS - 10, "exp", expSeconds)));
    }

    @Test
    void aTokenThatComesAgainCostsNoCheckUntilTheKeysChange() throws Exception {
        OctetKeyPair pair =
                JWKSet.parse(signer.privateJwks()).getKeys().getFirst().toOctetKeyPair();
        CountedKey key = new CountedKey(pair);
        Source keys = new Source(new KeyRing(List.of(VerificationKey.of(pair.getKeyID(), key))));
        TokenVerifier verifier =
                new TokenVerifier(keys, new TokenRules(ISSUER, null, 0, DAY_MILLIS), revocations, ticker);
        String good = sign("alice", ISSUER, NOW_SECONDS + 60);
        String other = sign("mallory", ISSUER, NOW_SECONDS + 60);
        String forged = good.substring(0, good.lastIndexOf('.')) + other.substring(other.lastIndexOf('.'));
        List<String> tokens = List.of(
                good,
                forged,
                sign("alice", ISSUER, NOW_SECONDS),
                sign("alice", ISSUER + ".elsewhere", NOW_SECONDS + 60));
        List<Reason> reasons = Arrays.asList(null, Reason.SIGNATURE, Reason.EXPIRED, Reason.ISSUER);
        for (int round = 1; round <= 2; round++) {
            int before = key.asked;
            assertThat(refusals(verifier, tokens)).isEqualTo(reasons);
            int after = key.asked;
            assertThat(after).isGreaterThanOrEqualTo(before + tokens.size());
            for (int i = 0; i < 100; i++) assertThat(refusals(verifier, tokens)).isEqualTo(reasons);
            assertThat(key.asked).isEqualTo(after);
            keys.ring = new KeyRing(List.of(VerificationKey.of(pair.getKeyID(), key)));
        }
    }

    @Test
    void aGoodTokenThatCameToItsEndCostsNoCheckEither() throws Exception {
        OctetKeyPair pair =
                JWKSet.parse(signer.privateJwks()).getKeys().getFirst().toOctetKeyPair();
        CountedKey key = new CountedKey(pair);
        Source keys = new Source(new KeyRing(List.of(VerificationKey.of(pair.getKeyID(), key))));
        TokenVerifier verifier =
                new TokenVerifier(keys, new TokenRules(ISSUER, null, 0, DAY_MILLIS), revocations, ticker);
        List<String> token = List.of(sign("alice", ISSUER, NOW_SECONDS + 60));
        refusals(verifier, token);
        int asked = key.asked;
        ticker.advance(60_000);
        for (int i = 0; i < 100; i++) assertThat(refusals(verifier, token)).containsExactly(Reason.EXPIRED);
        assertThat(key.asked).isEqualTo(asked);
    }

    // Why each is refused; null for one that is not.
    private static List<Reason> refusals(TokenVerifier verifier, List<String> tokens) {
        List<Reason> reasons = new ArrayList<>();
        for (String token : tokens) {
            verifier.authenticate(
                    token, verdict -> reasons.add(verdict instanceof Verdict.Refused(Reason why) ? why : null));
        }
        return reasons;
    }
}
