package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.cli.channel.Time;
import io.switchboard.security.keys.Algorithm;
import io.switchboard.security.minting.SigningKey;
import io.switchboard.security.minting.TokenDraft;
import io.switchboard.server.DevCertificate;
import io.switchboard.server.config.Tls;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code doctor} at servers that nothing stands in front of; through proxies it is tested in proxies/. */
@Timeout(60)
class DoctorCommandTest {
    private static final String RESOLVED = "resolve   127.0.0.1 is 127.0.0.1.";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(Map<String, String> environment, Set<Shell.Stream> terminals, String... arguments) {
        Shell shell = new Shell(environment, TestShell.in(""), OutputStream.nullOutputStream(), terminals, Time.REAL);
        String[] all = new String[arguments.length + 1];
        all[0] = "doctor";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return Main.commandLine(shell)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all);
    }

    private int run(String... arguments) {
        return run(Map.of(), Set.of(), arguments);
    }

    @Test
    void aServerWithoutTroubleIsToldSoLineByLine() {
        try (ChannelServer server = ChannelServer.inMemory()) {
            server.create("text", "text/plain");
            int code = run(server.url(), "--channel", "text", "--largest", "20KB", "--origin", "https://a.example");
            assertThat(code).as("%s", out).isEqualTo(ExitCode.OK);
            assertThat(out.toString())
                    .startsWith("Looking at " + server.url() + " from here.\n")
                    .contains(
                            "ok       " + RESOLVED, "text gets test messages.", "of up to 20 KB", "may read and write")
                    .contains("Nothing stands in the way. Not looked at: 2, see above.\n")
                    .doesNotContain("\u001b", "TROUBLE");
            assertThat(err.toString()).isEmpty();
            assertThat(server.read("text")).contains("switchboard-doctor ");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "off, HTTP/3 is not announced",
        "on, 'HTTP/3 is announced, and QUIC is spoken on port '",
        "1, 'HTTP/3 is announced on port 1 of UDP, and nobody answers there: '"
    })
    @Tag("slow") // it loads QUIC
    void whetherHttp3CanBeHadIsTold(String http3, String sentence, @TempDir Path folder) throws Exception {
        Tls tls = DevCertificate.in(folder);
        String certificate = tls.certificate().toString();
        try (ChannelServer server = ChannelServer.inMemory(
                "tls.certificate", certificate, "tls.key", tls.key().toString(), "http3", http3)) {
            assertThat(run(server.url(), "--largest", "1KB", "--timeout", "2", "--ca-file", certificate))
                    .as("%s", out)
                    .isEqualTo(ExitCode.OK);
            assertThat(out.toString()).contains(sentence, "The certificate is for localhost, 127.0.0.1, ::1, until");
        }
    }

    @Test
    void aTerminalGetsColoursAndSeesWhatIsLookedAt() {
        try (ChannelServer server = ChannelServer.inMemory()) {
            run(Map.of(), EnumSet.allOf(Shell.Stream.class), server.url(), "--largest", "1KB");
            assertThat(out.toString()).contains("\u001b[32mok     \u001b[0m  " + RESOLVED);
            assertThat(err.toString()).contains("looking at websocket ...");
        }
    }

    @Test
    void aServerThatAsksForATokenSaysSo(@TempDir Path folder) throws Exception {
        SigningKey key = SigningKey.make(Algorithm.EDDSA);
        Path keys =
                Files.writeString(folder.resolve("keys.jwks"), key.publicJwks().orElseThrow());
        String token = key.sign(new TokenDraft(
                        "ann",
                        List.of("**"),
                        List.of("**"),
                        List.of("**"),
                        false,
                        600_000,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())
                .claims(System.currentTimeMillis()));
        try (ChannelServer server = ChannelServer.guarded(keys, token)) {
            assertThat(run(server.url(), "--largest", "1KB")).isEqualTo(ExitCode.FAILED);
            assertThat(out.toString())
                    .contains("TROUBLE  token     The server asks for a token: give one with --token-file FILE")
                    .containsOnlyOnce("TROUBLE")
                    .doesNotContain("warning  ");
            out.getBuffer().setLength(0);
            Path file = Files.writeString(folder.resolve("token"), token + "\n");
            String[] all = {server.url(), "--largest", "1KB", "--channel", "new", "--token-file", file.toString()};
            assertThat(run(all)).as("%s", out).isEqualTo(ExitCode.OK);
            assertThat(out.toString())
                    .contains("The token counts for another ", "new was made for this", "a message was answered")
                    .doesNotContain(token);
            out.getBuffer().setLength(0);
            String other = SigningKey.make(Algorithm.EDDSA)
                    .sign(new TokenDraft(
                                    "ann",
                                    List.of("**"),
                                    List.of(),
                                    List.of(),
                                    false,
                                    600_000,
                                    Optional.empty(),
                                    Optional.empty(),
                                    Optional.empty())
                            .claims(System.currentTimeMillis()));
            assertThat(run(Map.of("SWITCHBOARD_TOKEN", other), Set.of(), server.url(), "--json"))
                    .isEqualTo(ExitCode.FAILED);
            assertThat(out.toString()).contains("\"code\":\"token-refused\"").doesNotContain(other);
        }
    }

    @Test
    void aChannelIsReadByItsUrlAndNothingIsPublishedToIt() {
        try (ChannelServer server = ChannelServer.inMemory()) {
            server.create("c", "application/json");
            String offset = server.append("c", "application/json", "1");
            assertThat(run(server.url() + "/v1/stream/c", "--largest", "1KB")).isEqualTo(ExitCode.OK);
            assertThat(out.toString()).contains("c can be read.", "The first event came ");
            assertThat(server.head("c").headers().firstValue("Stream-Next-Offset"))
                    .hasValue(offset);
            assertThat(run(server.url() + "/v1/stream/missing")).isEqualTo(ExitCode.FAILED);
            assertThat(out.toString()).contains("missing cannot be read: there is no such channel.");
        }
    }

    @Test
    void originsThatMayNotAreTrouble() {
        try (ChannelServer server = ChannelServer.inMemory("cors.origins", "https://a.example")) {
            assertThat(run(server.url(), "--largest", "1KB", "--json", "--origin", "https://b.example"))
                    .isEqualTo(ExitCode.FAILED);
            assertThat(out.toString()).contains("\"code\":\"websocket-origin\"", "\"code\":\"cors-not-allowed\"");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ftp://127.0.0.1",
                "http://ann:secret@127.0.0.1",
                "http://127.0.0.1 --idle 0",
                "http://127.0.0.1 --timeout 61",
                "http://127.0.0.1 --largest 65MB",
                "http://127.0.0.1 --origin app.example",
                "http://127.0.0.1 --origin https://a.example/page",
                "http://127.0.0.1 --token secret",
                "http://127.0.0.1 --token-file /nowhere",
                "http://127.0.0.1 --ca-file /nowhere"
            })
    void mistakesInTheArgumentsAreToldAndNothingElseIsDone(String arguments) {
        assertThat(run(arguments.isEmpty() ? new String[0] : arguments.split(" ", -1)))
                .isEqualTo(ExitCode.USAGE);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).startsWith("switchboard: ").doesNotContain("secret@", "Exception");
    }

    @Test
    void aNameThatIsNoChannelIsAMistake() {
        assertThat(run("http://127.0.0.1", "--channel", "a b\r\nc")).isEqualTo(ExitCode.USAGE);
        assertThat(out.toString()).isEmpty();
    }
}
