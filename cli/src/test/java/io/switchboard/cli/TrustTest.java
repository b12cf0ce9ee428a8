package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.DevCertificate;
import io.switchboard.server.config.Tls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code tail} and {@code publish} at a server with a certificate for development. */
@Timeout(60)
@Tag("slow")
class TrustTest {
    @TempDir
    Path folder = Path.of("");

    private ChannelServer server() throws Exception {
        Tls tls = DevCertificate.in(folder);
        return ChannelServer.inMemory(
                "tls.certificate", ca(), "tls.key", tls.key().toString());
    }

    private String ca() {
        return folder.resolve("certificate.pem").toString();
    }

    private static RunningCommand start(String line, String... more) {
        List<String> words = new ArrayList<>(List.of(line.split(" ")));
        words.addAll(List.of(more));
        return RunningCommand.start(Map.of(), words.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sse", "websocket"})
    void aCertificateThatIsNamedIsBelieved(String transport) throws Exception {
        try (ChannelServer server = server();
                RunningCommand publish = start("publish --create c {\"n\":1} --ca-file", ca(), "-s", server.url())) {
            assertThat(publish.exitCode()).isEqualTo(ExitCode.OK);
            try (RunningCommand tail =
                    start("tail c --from -1 --count 1 --transport", transport, "--ca-file", ca(), "-s", server.url())) {
                assertThat(tail.out.next()).isEqualTo("{\"n\":1}");
                assertThat(tail.exitCode()).isEqualTo(ExitCode.OK);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tail c", "publish c 1"})
    void oneThatNobodyHasSignedIsNamedAsTheTrouble(String command) throws Exception {
        try (ChannelServer server = server();
                RunningCommand run = start(command + " -s", server.url())) {
            assertThat(run.exitCode()).isEqualTo(ExitCode.UNREACHABLE);
            assertThat(run.err.rest().getLast())
                    .startsWith("switchboard: TLS with " + server.url() + " fails")
                    .contains("--ca-file", "switchboard doctor " + server.url());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tail c", "publish c 1"})
    void whoAsksWithoutTlsIsToldToAskWithIt(String command) throws Exception {
        try (ChannelServer server = server();
                RunningCommand run = start(command + " -s", server.url().replace("https", "http"))) {
            assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(run.err.rest().getLast()).contains("ask with --server " + server.url());
        }
    }

    @Test
    void aFileThatHoldsNoneIsRefused() {
        try (RunningCommand run = start("tail c -s https://127.0.0.1:1 --ca-file", ca())) {
            assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(run.err.rest().getLast()).contains("cannot be used; check that it is a PEM file");
        }
    }
}
