package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.access.Access;
import io.switchboard.core.access.Authenticator.Verdict;
import io.switchboard.core.access.Right;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.security.keys.FileKeys;
import io.switchboard.security.session.StoredRevocations;
import io.switchboard.security.token.TokenRules;
import io.switchboard.security.token.TokenVerifier;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands {@code keys} and {@code token}, up to the server's own verifier. */
@Tag("slow") // it waits for real time
class KeysAndTokenTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path folder = Path.of("");

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Main.commandLine(TestShell.with(Map.of()))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"EdDSA", "ES256", "RS256", "HS256"})
    void tokenOfAKeyIsTakenByAServerWithItsOtherHalf(String algorithm) throws Exception {
        assertThat(run("keys", "--alg", algorithm, path("board.jwks"))).isZero();
        boolean isPair = !algorithm.equals("HS256");
        Path checking = folder.resolve(isPair ? "board.public.jwks" : "board.jwks");
        assertThat(out.toString())
                .contains("keys: " + checking, "./switchboard token --key " + path("board.jwks") + " --sub alice");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("board.jwks"))))
                .isEqualTo("rw-------");
        if (isPair) assertThat(Files.readString(checking)).doesNotContain("\"d\"", "\"k\"", "\"p\"");

        assertThat(run(
                        "token",
                        "--key",
                        path("board.jwks"),
                        "--sub",
                        "alice",
                        "--read",
                        "chat/**",
                        "--read",
                        "a/*",
                        "--write",
                        "chat/room-1",
                        "--admin",
                        "--expires",
                        "10min",
                        "--issuer",
                        "here",
                        "--audience",
                        "board",
                        "--id",
                        "t-1"))
                .isZero();
        assertThat(out.toString()).matches("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\R");
        assertThat(err.toString()).isEmpty();

        List<Verdict> verdicts = new ArrayList<>();
        try (StoredRevocations none = StoredRevocations.inMemory(System::currentTimeMillis, 86_400_000)) {
            new TokenVerifier(
                            FileKeys.open(checking, System::currentTimeMillis),
                            new TokenRules("here", "board", 0, 86_400_000),
                            none,
                            System::currentTimeMillis)
                    .authenticate(out.toString().strip(), verdicts::add);
        }
        assertThat(verdicts).singleElement().isInstanceOfSatisfying(Verdict.Accepted.class, accepted -> {
            Access access = accepted.access();
            assertThat(access.subject()).isEqualTo("alice");
            assertThat(access.tokenId()).isEqualTo("t-1");
            assertThat(access.grants().admin()).isTrue();
            assertThat(access.allows(Right.READ, new ChannelName("a/b"))).isTrue();
            assertThat(access.allows(Right.WRITE, new ChannelName("a/b"))).isFalse();
            assertThat(access.expiresAtMillis() - access.issuedAtMillis()).isEqualTo(600_000);
        });
    }

    @Test
    void keysAreNotOverwritten() throws IOException {
        Files.writeString(folder.resolve("board.public.jwks"), "mine");
        assertThat(run("keys", path("board.jwks"))).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("board.public.jwks is there already");
        assertThat(folder.resolve("board.jwks")).doesNotExist();
        assertThat(run("keys", path("other"))).isZero();
        String before = Files.readString(folder.resolve("other"));
        assertThat(folder.resolve("other.public")).exists();
        assertThat(run("keys", path("other"))).isEqualTo(ExitCode.USAGE);
        assertThat(Files.readString(folder.resolve("other"))).isEqualTo(before);
    }

    @Test
    void mistakesAreSentences() throws IOException {
        assertThat(run("keys", path("good.jwks"))).isZero();
        assertThat(run("keys", "--alg", "none", path("x"))).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("--alg is EdDSA, ES256, RS256 or HS256.");
        assertThat(run("keys", path("no/such/folder"))).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("There is no folder");
        Files.writeString(folder.resolve("bad"), "nonsense");
        String key = path("good.jwks");
        Map<List<String>, String> mistakes = new LinkedHashMap<>();
        mistakes.put(List.of("--key", key), "--sub");
        mistakes.put(List.of("--key", key, "--sub", ""), "--sub is 1 to 256");
        mistakes.put(List.of("--key", key, "--sub", "a\nb"), "--sub is 1 to 256");
        mistakes.put(List.of("--key", key, "--sub", "a", "--read", "a//b"), "no pattern");
        mistakes.put(List.of("--key", key, "--sub", "a", "--expires", "soon"), "--expires is 1s to 90d");
        mistakes.put(List.of("--key", key, "--sub", "a", "--expires", "0s"), "--expires is 1s to 90d");
        mistakes.put(List.of("--key", key, "--sub", "a", "--expires", "91d"), "--expires is 1s to 90d");
        mistakes.put(List.of("--key", path("none"), "--sub", "a"), "There is no key file");
        mistakes.put(List.of("--key", path("good.public.jwks"), "--sub", "a"), "holds no key that can sign");
        mistakes.put(List.of("--key", path("bad"), "--sub", "a"), "neither a JWKS");
        mistakes.forEach((options, told) -> {
            List<String> arguments = new ArrayList<>(List.of("token"));
            arguments.addAll(options);
            assertThat(run(arguments.toArray(String[]::new))).as(told).isEqualTo(ExitCode.USAGE);
            assertThat(err.toString()).contains(told).doesNotContain("Exception");
            assertThat(out.toString()).isEmpty();
        });
    }

    @Test
    void serverForTheNetworkWithoutAuthIsNotStarted() {
        assertThat(run("serve", "--host", "0.0.0.0", "--port", "0")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("no auth is configured", "auth.keys", "auth.open: network");
        assertThat(run("check", "--host", "0.0.0.0", "--auth-open", "network")).isZero();
    }
}
