package io.switchboard.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.switchboard.core.access.Access;
import io.switchboard.core.access.Authenticator.Verdict;
import io.switchboard.core.access.Revocations;
import io.switchboard.security.keys.Algorithm;
import io.switchboard.security.keys.KeyException;
import io.switchboard.security.keys.KeyFormat;
import io.switchboard.security.keys.KeyRing;
import io.switchboard.security.keys.KeySource;
import io.switchboard.security.minting.SigningKey;
import io.switchboard.security.token.TokenRules;
import io.switchboard.security.token.TokenVerifier;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("slow") // the fuzzer takes its time to start, seeds or not
class TokenFuzzTest {
    private static final long NOW = 1_800_000_000_000L;
    private static final SigningKey KEY = SigningKey.make(Algorithm.EDDSA);
    private static final TokenVerifier VERIFIER = verifier(KEY);
    private static final TokenVerifier OF_SECRETS = verifier(SigningKey.make(Algorithm.HS256));

    static Stream<byte[]> seeds() throws KeyException {
        String foreign = SigningKey.make(Algorithm.EDDSA)
                .sign(Map.of(
                        "sub",
                        "alice",
                        "iat",
                        NOW / 1_000,
                        "exp",
                        NOW / 1_000 + 60,
                        "channels",
                        Map.of("read", List.of("**"))));
        return Stream.of(
                        foreign,
                        encoded("{\"alg\":\"none\"}") + "." + encoded("{\"sub\":\"a\"}") + ".",
                        encoded("{\"alg\":\"HS256\",\"kid\":\"x\",\"crit\":[]}") + ".e30.AAAA",
                        encoded("{\"alg\":\"ES256\",\"jwk\":{\"kty\":\"EC\"}}") + ".e30." + encoded("\0".repeat(64)),
                        "..",
                        "{\"sub\":\"a\",\"exp\":1800000060,\"channels\":{\"read\":[\"a/*\"]},\"admin\":true}",
                        "{\"sub\":\"\\ud800\",\"exp\":1e999999,\"nbf\":-0.0}",
                        "[".repeat(600))
                .map(text -> text.getBytes(ISO_8859_1));
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
    }

    private static TokenVerifier verifier(SigningKey key) {
        try {
            String jwks = key.publicJwks().orElseGet(key::privateJwks);
            KeyRing ring = KeyFormat.read(jwks.getBytes(UTF_8), KeyFormat.Secrets.TAKEN);
            return new TokenVerifier(
                    new Fixed(ring), new TokenRules(null, null, 0, 86_400_000), new NoRevocations(), () -> NOW);
        } catch (KeyException e) {
            throw new AssertionError(e);
        }
    }

    private record Fixed(KeyRing current) implements KeySource {
        @Override
        public Look lookAgain(Runnable whenOver) {
            return Look.NOT_NOW;
        }

        @Override
        public void tick() {}
    }

    private static final class NoRevocations implements Revocations {
        @Override
        public void revoke(Revocation revocation, Consumer<Outcome> answer) {
            answer.accept(Outcome.REFUSED);
        }

        @Override
        public boolean isRevoked(Access access) {
            return false;
        }

        @Override
        public void listen(Consumer<Revocation> listener) {}
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "1m")
    void nothingThatWasNotSignedIsTakenAndNothingIsThrown(byte[] bytes) {
        String text = new String(bytes, ISO_8859_1);
        String bare = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        for (String token :
                List.of(text, bare + ".e30.AAAA", encoded("{\"alg\":\"EdDSA\"}") + "." + bare + "." + bare)) {
            for (TokenVerifier verifier : List.of(VERIFIER, OF_SECRETS)) {
                List<Verdict> verdicts = new ArrayList<>();
                verifier.authenticate(token, verdicts::add);
                assertThat(verdicts).singleElement().isInstanceOf(Verdict.Refused.class);
            }
        }
    }
}
