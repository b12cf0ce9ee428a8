package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.switchboard.core.access.Authenticator;
import io.switchboard.core.access.Authenticator.Verdict;
import io.switchboard.core.access.Revocations;
import io.switchboard.core.access.Revocations.Revocation;
import io.switchboard.security.keys.Algorithm;
import io.switchboard.security.minting.SigningKey;
import io.switchboard.server.config.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecurityTest {
    @TempDir
    Path folder = Path.of("");

    private Settings settings(String... keysAndValues) {
        Map<String, String> values = new HashMap<>(Map.of("data", folder.toString()));
        for (int i = 0; i < keysAndValues.length; i += 2) values.put(keysAndValues[i], keysAndValues[i + 1]);
        return Settings.with(values);
    }

    private static Verdict judge(Security security, String token) {
        Authenticator authenticator = security.authenticator();
        if (authenticator == null) throw new AssertionError("auth is off");
        CompletableFuture<Verdict> verdict = new CompletableFuture<>();
        authenticator.authenticate(token, verdict::complete);
        return verdict.orTimeout(20, TimeUnit.SECONDS).join();
    }

    @Test
    void withoutKeysNobodyIsAsked() throws Exception {
        try (Security security = Security.open(settings(), null, System::currentTimeMillis)) {
            assertThat(security.authenticator()).isNull();
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void whoWasRevokedIsRefusedAfterARestart() throws Exception {
        SigningKey key = SigningKey.make(Algorithm.EDDSA);
        Path file = Files.writeString(folder.resolve("keys"), key.publicJwks().orElseThrow());
        Settings settings = settings("auth.keys", file.toString());
        long now = System.currentTimeMillis();
        String token = key.sign(Map.of("sub", "alice", "iat", now / 1_000 - 1, "exp", now / 1_000 + 60));
        try (Security security = Security.open(settings, null, System::currentTimeMillis)) {
            assertThat(judge(security, token)).isInstanceOf(Verdict.Accepted.class);
            CompletableFuture<Revocations.Outcome> kept = new CompletableFuture<>();
            security.revocations().revoke(new Revocation("alice", null, now), kept::complete);
            assertThat(kept.orTimeout(20, TimeUnit.SECONDS).join()).isEqualTo(Revocations.Outcome.KEPT);
        }
        try (Security security = Security.open(settings, null, System::currentTimeMillis)) {
            assertThat(judge(security, token)).isEqualTo(new Verdict.Refused(Authenticator.Reason.REVOKED));
        }
    }

    @Test
    void keysThatCannotBeUsedStartNothing() throws Exception {
        Path file = Files.writeString(folder.resolve("keys"), "nonsense");
        assertThatExceptionOfType(StartFailure.class)
                .isThrownBy(
                        () -> Security.open(settings("auth.keys", file.toString()), null, System::currentTimeMillis))
                .withMessageContaining("The key file " + file + " cannot be used.");
        assertThat(folder.resolve("revocations")).doesNotExist();
    }

    @Test
    void revocationsThatAreDamagedStartNothing() throws Exception {
        Path file = Files.writeString(
                folder.resolve("keys"),
                SigningKey.make(Algorithm.EDDSA).publicJwks().orElseThrow());
        Files.writeString(folder.resolve("revocations"), "nonsense\n");
        assertThatExceptionOfType(StartFailure.class)
                .isThrownBy(
                        () -> Security.open(settings("auth.keys", file.toString()), null, System::currentTimeMillis))
                .withMessageContaining("damaged");
    }
}
