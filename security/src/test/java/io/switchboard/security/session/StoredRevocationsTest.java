package io.switchboard.security.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.switchboard.core.access.Access;
import io.switchboard.core.access.Grants;
import io.switchboard.core.access.Revocations.Outcome;
import io.switchboard.core.access.Revocations.Revocation;
import io.switchboard.testkit.ManualTicker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredRevocationsTest {
    private static final long NOW = 1_800_000_000_000L;
    private static final long DAY = 86_400_000L;

    private final ManualTicker ticker = new ManualTicker(NOW);

    @TempDir
    Path folder = Path.of("");

    private Path file() {
        return folder.resolve("revocations");
    }

    private StoredRevocations open() throws RevocationException {
        return StoredRevocations.open(file(), ticker, DAY, 5);
    }

    private static boolean revoke(StoredRevocations revocations, Revocation revocation) {
        CompletableFuture<Outcome> answer = new CompletableFuture<>();
        revocations.revoke(revocation, answer::complete);
        return answer.orTimeout(20, TimeUnit.SECONDS).join() == Outcome.KEPT;
    }

    private static Revocation subject(String name, long through) {
        return new Revocation(name, null, through);
    }

    private static Access token(@Nullable String subject, @Nullable String id, long issued) {
        return new Access(subject, Grants.NOTHING, id, issued, NOW + DAY);
    }

    @Test
    void tokensIssuedUntilThenAreRevokedAndLaterOnesAreNot() throws Exception {
        try (StoredRevocations revocations = open()) {
            assertThat(revocations.isRevoked(token("alice", "t-1", NOW))).isFalse();
            assertThat(revoke(revocations, subject("alice", NOW))).isTrue();
            assertThat(revoke(revocations, new Revocation(null, "t-9", NOW))).isTrue();
            assertThat(revocations.isRevoked(token("alice", "t-1", NOW))).isTrue();
            assertThat(revocations.isRevoked(token("alice", null, Access.UNKNOWN)))
                    .isTrue();
            assertThat(revocations.isRevoked(token("alice", null, NOW + 1))).isFalse();
            assertThat(revocations.isRevoked(token("bob", "t-1", NOW))).isFalse();
            assertThat(revocations.isRevoked(token("bob", "t-9", NOW))).isTrue();
            assertThat(revocations.isRevoked(token("bob", "t-9", NOW + 9_000))).isTrue();
            assertThat(new Revocation(null, "t-9", NOW).concerns(token("bob", "t-9", NOW + 9_000)))
                    .isTrue();
            assertThat(revocations.isRevoked(token("t-9", "alice", NOW))).isFalse();
            assertThat(revocations.isRevoked(Access.OPEN)).isFalse();
        }
    }

    @Test
    void everyListenerHearsOfItAfterItHolds() throws Exception {
        try (StoredRevocations revocations = open()) {
            List<String> heard = new ArrayList<>();
            revocations.listen(revocation -> {
                throw new IllegalStateException("a listener that fails, as this test wants");
            });
            revocations.listen(revocation ->
                    heard.add(revocation.subject() + " " + revocations.isRevoked(token("alice", null, NOW))));
            assertThat(revoke(revocations, subject("alice", NOW))).isTrue();
            assertThat(heard).containsExactly("alice true");
        }
    }

    @Test
    void restartForgetsNothing() throws Exception {
        String strange = "é \"\n\u0000 *".repeat(8);
        try (StoredRevocations revocations = open()) {
            revoke(revocations, subject("alice", NOW));
            revoke(revocations, subject(strange, NOW));
            revoke(revocations, new Revocation(null, "t-9", NOW));
        }
        for (int i = 0; i < 2; i++) {
            try (StoredRevocations revocations = open()) {
                assertThat(revocations.count()).isEqualTo(3);
                assertThat(revocations.isRevoked(token("alice", null, NOW))).isTrue();
                assertThat(revocations.isRevoked(token(strange, null, NOW))).isTrue();
                assertThat(revocations.isRevoked(token("bob", "t-9", NOW))).isTrue();
            }
        }
    }

    @Test
    void whatNoTokenCanOutliveIsForgottenAndLeavesTheFile() throws Exception {
        try (StoredRevocations revocations = open()) {
            revoke(revocations, subject("alice", NOW));
            ticker.advance(DAY - 1);
            revoke(revocations, subject("bob", NOW + DAY - 1));
            assertThat(revocations.isRevoked(token("alice", null, Access.UNKNOWN)))
                    .isTrue();
            ticker.advance(2);
            assertThat(revocations.isRevoked(token("alice", null, Access.UNKNOWN)))
                    .isFalse();
            assertThat(revocations.isRevoked(token("bob", null, Access.UNKNOWN)))
                    .isTrue();
        }
        try (StoredRevocations revocations = open()) {
            assertThat(revocations.count()).isEqualTo(1);
        }
        assertThat(Files.readAllLines(file())).hasSize(2);
    }

    @Test
    void lastLineThatWasCutShortIsLeftOut() throws Exception {
        try (StoredRevocations revocations = open()) {
            revoke(revocations, subject("alice", NOW));
        }
        byte[] whole = Files.readAllBytes(file());
        try (StoredRevocations revocations = open()) {
            revoke(revocations, subject("bob", NOW));
        }
        byte[] longer = Files.readAllBytes(file());
        for (int length = whole.length; length < longer.length; length++) {
            Files.write(file(), java.util.Arrays.copyOf(longer, length));
            try (StoredRevocations revocations = open()) {
                assertThat(revocations.isRevoked(token("alice", null, NOW))).isTrue();
                assertThat(revocations.isRevoked(token("bob", null, NOW))).isFalse();
                assertThat(revoke(revocations, subject("carol", NOW))).isTrue();
            }
            try (StoredRevocations revocations = open()) {
                assertThat(revocations.isRevoked(token("carol", null, NOW))).isTrue();
            }
        }
        // What a power cut may leave: space that was never written.
        Files.write(file(), whole);
        Files.write(file(), new byte[100], StandardOpenOption.APPEND);
        try (StoredRevocations revocations = open()) {
            assertThat(revocations.count()).isEqualTo(1);
        }
    }

    @Test
    void damagedFileIsRefusedAndLeftAsItIs() throws Exception {
        try (StoredRevocations revocations = open()) {
            revoke(revocations, subject("alice", NOW));
            revoke(revocations, subject("bob", NOW));
        }
        String good = Files.readString(file());
        for (String damaged : List.of(
                "",
                "switchboard revocations, format 1",
                "switchboard revocations, format 2\n",
                "hello\n",
                good.replaceFirst("sub", "jti"),
                good.replaceFirst("1800000000000", "1700000000000"),
                good.replaceFirst("\nsub", "\n\nsub"),
                good + "sub 1 YWxpY2U 00000000\n",
                good + "\u0000\u0000\n")) {
            Files.writeString(file(), damaged);
            assertThatExceptionOfType(RevocationException.class)
                    .as(damaged)
                    .isThrownBy(this::open)
                    .satisfies(refused -> assertThat(refused.sentence()).contains(file().toString(), "damaged"));
            assertThat(Files.readString(file())).isEqualTo(damaged);
        }
    }

    @Test
    void thereAreOnlySoMany() throws Exception {
        try (StoredRevocations revocations = open()) {
            for (int i = 0; i < 5; i++)
                assertThat(revoke(revocations, subject("s" + i, NOW))).isTrue();
            assertThat(revoke(revocations, subject("one-more", NOW))).isFalse();
            assertThat(revocations.isRevoked(token("one-more", null, NOW))).isFalse();
            // One that is known costs nothing more.
            assertThat(revoke(revocations, subject("s0", NOW + 1))).isTrue();
            ticker.advance(DAY + 1);
            assertThat(revoke(revocations, subject("one-more", NOW + DAY))).isTrue();
        }
    }

    @Test
    void sameSubjectAgainAndAgainDoesNotFillTheDisk() throws Exception {
        try (StoredRevocations revocations = open()) {
            for (int i = 0; i < 100; i++) revoke(revocations, subject("alice", NOW + i));
            assertThat(Files.readAllLines(file(), StandardCharsets.ISO_8859_1)).hasSizeLessThan(15);
            revoke(revocations, subject("alice", NOW));
        }
        try (StoredRevocations revocations = open()) {
            assertThat(revocations.isRevoked(token("alice", null, NOW + 99))).isTrue();
        }
    }

    @Test
    void nameThatNoTokenCanHaveIsNotRemembered() throws Exception {
        try (StoredRevocations revocations = open()) {
            assertThat(revoke(revocations, subject("", NOW))).isFalse();
            assertThat(revoke(revocations, subject("a".repeat(257), NOW))).isFalse();
        }
    }

    @Test
    void afterTheEndNothingIsPromised() throws Exception {
        StoredRevocations revocations = open();
        revocations.close();
        assertThat(revoke(revocations, subject("alice", NOW))).isFalse();
    }

    @Test
    void folderThatIsMissingIsASentence() throws IOException {
        assertThatExceptionOfType(RevocationException.class)
                .isThrownBy(() -> StoredRevocations.open(folder.resolve("none/revocations"), ticker, DAY))
                .satisfies(refused -> assertThat(refused.sentence()).contains("cannot be written"));
        assertThat(folder).isEmptyDirectory();
    }
}
