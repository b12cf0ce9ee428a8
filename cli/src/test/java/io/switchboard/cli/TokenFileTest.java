package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.security.keys.Algorithm;
import io.switchboard.security.minting.SigningKey;
import io.switchboard.security.minting.TokenDraft;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code tail} and {@code publish} at a server that asks for tokens. */
@Timeout(60)
@Tag("slow")
class TokenFileTest {
    private static final String JSON = "application/json";
    private static final long SHORT_MILLIS = 3_000;
    private static final long LONG_MILLIS = 60_000;
    private static final SigningKey KEY = SigningKey.make(Algorithm.EDDSA);

    @TempDir
    Path folder = Path.of("");

    private ChannelServer server = ChannelServer.inMemory(); // replaced

    @BeforeEach
    void start() throws Exception {
        server.close();
        Path keys =
                Files.writeString(folder.resolve("keys.jwks"), KEY.publicJwks().orElseThrow());
        server = ChannelServer.guarded(keys, token("root", List.of("**"), List.of("**"), LONG_MILLIS));
        server.create("c", JSON);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static String token(String subject, List<String> read, List<String> write, long millis) throws Exception {
        return KEY.sign(new TokenDraft(
                        subject,
                        read,
                        write,
                        write,
                        false,
                        millis,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())
                .claims(System.currentTimeMillis()));
    }

    private static String reader(long millis) throws Exception {
        return token("reader", List.of("c"), List.of(), millis);
    }

    private Path file(String token) throws IOException {
        Path written = Files.writeString(folder.resolve("new.token"), token + "\n");
        return Files.move(
                written, folder.resolve("token"), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private String file() {
        return folder.resolve("token").toString();
    }

    private RunningCommand tail(String transport) {
        return RunningCommand.start(
                Map.of(), "tail", "c", "-v", "-s", server.url(), "-t", transport, "--token-file", file());
    }

    @ParameterizedTest
    @ValueSource(strings = {"sse", "long-poll", "poll", "websocket"})
    void aTailOutlivesItsTokenWhenAnotherIsPutInItsPlace(String transport) throws Exception {
        String first = reader(SHORT_MILLIS);
        file(first);
        try (RunningCommand tail = tail(transport)) {
            assertThat(tail.err.next()).startsWith("Connected to c");
            server.append("c", JSON, "1");
            assertThat(tail.out.next()).isEqualTo("1");
            file(reader(LONG_MILLIS));
            try (RunningCommand expired = awaitExpired(first)) {
                assertThat(expired.err.next()).contains("does not accept the token");
            }
            server.append("c", JSON, "[2,3]");
            assertThat(tail.out.next(2)).containsExactly("2", "3");
            server.closeChannel("c");
            assertThat(tail.exitCode()).isEqualTo(ExitCode.OK);
            // A line goes on as it is; an event stream ends, and another begins.
            if (!transport.equals("sse")) assertThat(tail.err.rest()).noneMatch(line -> line.startsWith("Not conn"));
            assertThat(tail.out.rest()).isEmpty();
        }
    }

    private RunningCommand awaitExpired(String token) {
        return await().until(
                        () -> RunningCommand.start(
                                Map.of("SWITCHBOARD_TOKEN", token),
                                "tail",
                                "c",
                                "--last",
                                "1",
                                "-c",
                                "1",
                                "-s",
                                server.url()),
                        command -> command.exitCode() == ExitCode.FAILED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sse", "long-poll", "poll", "websocket"})
    void aTailEndsWithItsTokenWhenThereIsNoOther(String transport) throws Exception {
        file(reader(SHORT_MILLIS));
        try (RunningCommand tail = tail(transport)) {
            assertThat(tail.err.next()).startsWith("Connected to c");
            assertThat(tail.exitCode()).isEqualTo(ExitCode.FAILED);
            assertThat(tail.err.rest().getLast()).contains("does not accept the token", "--token-file");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sse", "long-poll", "poll", "websocket"})
    void whoMayNotIsToldWhatToDo(String transport) throws Exception {
        String foreign = token("x", List.of("other"), List.of(), LONG_MILLIS);
        String unsigned = foreign.substring(0, foreign.lastIndexOf('.') + 1) + "AAAA";
        Map<String, String> told = new LinkedHashMap<>();
        told.put("", "asks for a token: put one into a file and name it with --token-file FILE");
        told.put(foreign, "does not allow this: the token does not cover the channel c. Take a token that does");
        told.put(unsigned, "does not accept the token: it may have expired");
        told.forEach((token, sentence) -> {
            try (RunningCommand tail = RunningCommand.start(
                    Map.of("SWITCHBOARD_TOKEN", token), "tail", "c", "-v", "-s", server.url(), "-t", transport)) {
                assertThat(tail.exitCode()).isEqualTo(ExitCode.FAILED);
                List<String> said = tail.err.rest();
                assertThat(said).singleElement().asString().contains(sentence);
                if (!token.isEmpty()) assertThat(said.getFirst()).doesNotContain(token);
            }
        });
    }

    @Test
    void publishGoesOnUnderAnotherToken() throws Exception {
        String first = token("w", List.of(), List.of("c"), SHORT_MILLIS);
        file(first);
        PipedOutputStream typed = new PipedOutputStream();
        try (RunningCommand publish = RunningCommand.start(
                new PipedInputStream(typed),
                new HurriedTime(),
                EnumSet.noneOf(Shell.Stream.class),
                "publish",
                "c",
                "-s",
                server.url(),
                "--token-file",
                file())) {
            type(typed, "1\n");
            await().until(() -> server.read("c").equals("[1]"));
            file(token("w", List.of(), List.of("c"), LONG_MILLIS));
            awaitExpired(first).close();
            type(typed, "2\n");
            await().until(() -> server.read("c").equals("[1,2]"));
            typed.close();
            assertThat(publish.exitCode()).isEqualTo(ExitCode.OK);
        }
    }

    @Test
    void whoMayNotWriteIsToldWhatToDo() throws Exception {
        file(reader(LONG_MILLIS));
        try (RunningCommand publish =
                RunningCommand.start("publish", "c", "1", "-s", server.url(), "--token-file", file())) {
            assertThat(publish.exitCode()).isEqualTo(ExitCode.FAILED);
            assertThat(publish.err.next())
                    .contains("does not allow this: The token does not allow to write this channel.")
                    .contains("Take a token that does");
        }
    }

    @Test
    void whoMayWriteAndNotReadSaysWhatTheChannelHolds() throws Exception {
        server.create("t", "text/plain");
        file(token("w", List.of(), List.of("t"), LONG_MILLIS));
        List<String> command = List.of("publish", "t", "1", "-s", server.url(), "--token-file", file());
        try (RunningCommand guessed = RunningCommand.start(command.toArray(String[]::new))) {
            assertThat(guessed.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(guessed.err.next()).contains("holds text/plain; say --type text/plain");
        }
        try (RunningCommand told = RunningCommand.start(
                Map.of(), "publish", "t", "1", "-s", server.url(), "--token-file", file(), "--type", "text/plain")) {
            assertThat(told.exitCode()).isEqualTo(ExitCode.OK);
        }
        assertThat(server.read("t")).isEqualTo("1");
    }

    @Test
    void aFileWithoutATokenIsAMistake() throws Exception {
        Map<String, String> told = new LinkedHashMap<>();
        told.put(folder.resolve("missing").toString(), "cannot be read");
        told.put(folder.toString(), "cannot be read");
        told.put(Files.writeString(folder.resolve("empty"), "\n").toString(), "holds no token");
        told.put(Files.writeString(folder.resolve("two"), "a b\nc").toString(), "holds no token");
        told.put(Files.writeString(folder.resolve("long"), "x".repeat(20_000)).toString(), "holds no token");
        told.forEach((file, sentence) -> {
            for (String command : List.of("tail", "publish")) {
                try (RunningCommand wrong =
                        RunningCommand.start(command, "c", "-s", server.url(), "--token-file", file)) {
                    assertThat(wrong.exitCode()).isEqualTo(ExitCode.USAGE);
                    assertThat(wrong.err.next()).contains(sentence);
                }
            }
        });
        try (RunningCommand wrong = RunningCommand.start(Map.of("SWITCHBOARD_TOKEN", "a\nb"), "tail", "c")) {
            assertThat(wrong.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(wrong.err.next())
                    .contains("SWITCHBOARD_TOKEN holds no token")
                    .doesNotContain("a\nb");
        }
    }

    private static void type(PipedOutputStream in, String text) throws IOException {
        in.write(text.getBytes(StandardCharsets.UTF_8));
        in.flush();
    }
}
