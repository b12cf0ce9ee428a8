package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.bench.Bound;
import io.switchboard.security.keys.Algorithm;
import io.switchboard.security.minting.SigningKey;
import io.switchboard.security.minting.TokenDraft;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code bench} as an operator runs it, against a real server: small counts, every mode, every transport. */
@Timeout(60)
@Tag("slow") // it waits for real time
class BenchCommandTest {
    private static final SigningKey KEY = SigningKey.make(Algorithm.EDDSA);
    private static final ChannelServer SERVER = ChannelServer.inMemory();

    @AfterAll
    static void stopTheServer() {
        SERVER.close();
    }

    private static RunningCommand bench(String url, String... more) {
        List<String> arguments = new ArrayList<>(List.of("bench"));
        arguments.addAll(List.of(more));
        arguments.addAll(List.of("--server", url, "--duration", "1", "--warmup", "0"));
        return RunningCommand.start(arguments.toArray(String[]::new));
    }

    private static String good(String... arguments) {
        try (RunningCommand bench = bench(SERVER.url(), arguments)) {
            int code = bench.exitCode();
            String out = String.join("\n", bench.out.rest());
            assertThat(code).as(out + "\n" + bench.err.rest()).isZero();
            return out;
        }
    }

    private static String get(String url) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "live", "sse"})
    void fanoutOverHttp2SharesConnectionsAndLosesNothing(String transport) throws Exception {
        String out = good("fanout", "-n", "7", "-t", transport, "--rate", "40", "--http", "2", "--streams", "3");
        assertThat(out)
                .contains("7 readers over " + transport, "HTTP/2 with 3 streams each", "0 lost")
                .contains("checked");
        assertThat(get(SERVER.url() + "/metrics"))
                .contains("switchboard_http_answers_total{http=\"2\",method=\"get\",status=\"200\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "long-poll", "poll"})
    void fanoutOverHttp2WithAConnectionEachLosesNothing(String transport) {
        String out = good(
                "fanout",
                "-n",
                "5",
                "-t",
                transport,
                "--rate",
                "40",
                "--poll-every",
                "0.2",
                "--http",
                "2",
                "--streams",
                "1");
        assertThat(out)
                .contains("5 readers over " + transport, "HTTP/2 with 1 stream each", "6 opened", "0 lost, 0 doubled");
    }

    @Test
    void whoeverPollsOverHttp2SharesNoConnection() {
        try (RunningCommand bench = bench(SERVER.url(), "fanout", "-t", "poll", "--http", "2")) {
            assertThat(bench.exitCode()).isEqualTo(2);
            assertThat(String.join(" ", bench.err.rest())).contains("(--streams 1)");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "7"})
    void aServerWithoutHttp2IsASentence(String streams) {
        try (ChannelServer old = ChannelServer.inMemory("http2", "off");
                RunningCommand bench = bench(old.url(), "fanout", "--http", "2", "--streams", streams)) {
            assertThat(bench.exitCode()).isEqualTo(1);
            assertThat(String.join(" ", bench.err.rest()))
                    .contains("it does not speak HTTP/2, or takes no WebSocket over it; leave --http away");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "live", "sse", "long-poll", "poll"})
    void fanoutOverEveryTransportLosesNothingAndCleansUp(String transport) throws Exception {
        String out = good(
                "fanout",
                "-n",
                "5",
                "-t",
                transport,
                "-p",
                "2",
                "--rate",
                "40",
                "--poll-every",
                "0.2",
                "--size",
                "200");
        assertThat(out)
                .contains("5 readers over " + transport, "2 publishers by WebSocket", "40/s")
                .contains("checked", "0 lost, 0 doubled, 0 reordered", "p99.9", "7 opened", "resident")
                .doesNotContain("delivered    0");
        assertThat(get(SERVER.url() + "/v1/streams?prefix=bench/")).isEqualTo("{\"channels\":[]}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "post"})
    void aWindowIsKeptByEveryWayToPublish(String by) {
        String out =
                good("fanout", "-n", "4", "-p", "3", "--publish-by", by, "--window", "2", "--threads", "2", "--json");
        assertThat(out)
                .startsWith("{\"bench\":\"fanout\",")
                .endsWith("\"good\":true}")
                .contains("\"checked\":{", "\"window\":2", "\"unanswered\":0")
                .doesNotContain("\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "echo -n 3 --depth 2",
                "echo -n 3 --rate 50",
                "append -n 3 --channels 2",
                "append -n 3 --binary --rate 50 --size 1000",
                "read -n 3",
                "read -n 3 --rate 50",
                "read -n 2 --catch-up --fill 1 --size 500",
            })
    void everyModeMeasures(String arguments) {
        assertThat(good(arguments.split(" "))).contains("measured", "p50", "wire", "processors");
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "live", "sse", "long-poll", "poll"})
    void connectionsAreHeldAndTheirCostIsTold(String transport) {
        assertThat(good("connections", "-n", "20", "-t", transport))
                .contains("20 connections for ", "20 opened", "take 10,000 or more")
                // so few may be lost in what the server gives back meanwhile, which is told in place of a negative cost
                .containsPattern("resident +([0-9,]+ bytes? a connection|less than before: )")
                .containsPattern("heap +([0-9,]+ bytes? a connection|less than before: )");
    }

    @Test
    void manyConnectionsComeFromSeveralAddresses() {
        try (ChannelServer strict = ChannelServer.inMemory("limits.connectionsPerAddress", "2");
                RunningCommand bench = bench(strict.url(), "connections", "-n", "4", "--sources", "2")) {
            int code = bench.exitCode();
            String out = String.join("\n", bench.out.rest());
            assertThat(code).as(out + bench.err.rest()).isZero();
            assertThat(out).contains("4 opened");
        }
    }

    @Test
    void whoPollsSeldomIsWaitedFor() {
        assertThat(good("fanout", "-n", "2", "-t", "poll", "--poll-every", "3", "--timeout", "1", "--rate", "20"))
                .contains("0 lost, 0 doubled, 0 reordered")
                .doesNotContain("in time");
    }

    @Test
    void thePlannerNamesTheLimitOfConnections() {
        try (ChannelServer small = ChannelServer.inMemory("limits.connections", "60");
                RunningCommand bench =
                        bench(small.url(), "capacity", "-n", "80", "--rate", "20", "--subscribers", "5")) {
            int code = bench.exitCode();
            String out = String.join("\n", bench.out.rest());
            assertThat(code).as(out + bench.err.rest()).isZero();
            assertThat(out)
                    .contains("were open when it broke", "raise limits.connections")
                    .contains("What broke first when the number of connections was raised");
        }
    }

    @Test
    void thePlannerSaysWhatWentWellWhereNothingBreaks() {
        // So few that one which comes a little late is no break.
        assertThat(good("capacity", "-n", "10", "--subscribers", "3", "--rate", "2", "--delay-max", "60000"))
                .contains("10 went well; none more were asked for", "/s to 3 readers, 6 deliveries/s, went well");
    }

    @Test
    void connectionsThatTheServerRefusesAreAFailure() {
        try (ChannelServer small = ChannelServer.inMemory("limits.connections", "8");
                RunningCommand bench = bench(small.url(), "connections", "-n", "20")) {
            assertThat(bench.exitCode()).isEqualTo(ExitCode.FAILED);
            assertThat(String.join("\n", bench.out.rest()))
                    .contains("could not be opened: the server answered 503: it is full; raise limits.connections.");
        }
    }

    @Test
    void appendsBeyondALimitAreToldApart() {
        try (ChannelServer small = ChannelServer.inMemory("limits.appendsPerSecondPerChannel", "10");
                RunningCommand bench = bench(small.url(), "append", "-n", "2", "--rate", "100")) {
            assertThat(bench.exitCode()).isEqualTo(ExitCode.FAILED);
            assertThat(String.join("\n", bench.out.rest()))
                    .contains("refused by the server", "appendsPerSecondPerChannel");
        }
    }

    @Test
    void aServerThatVanishesEndsTheRun() {
        try (ChannelServer server = ChannelServer.inMemory();
                RunningCommand bench =
                        RunningCommand.start("bench", "fanout", "-n", "3", "--server", server.url(), "--warmup", "0")) {
            String line = bench.err.next();
            while (!line.contains("received")) line = bench.err.next();
            server.stop();
            assertThat(bench.exitCode()).isEqualTo(ExitCode.FAILED);
            assertThat(String.join("\n", bench.out.rest())).contains("ended before the end", "stay behind");
            server.startAgain();
        }
    }

    @Test
    void ctrlCGivesASummary() {
        try (RunningCommand bench =
                RunningCommand.start("bench", "echo", "-n", "2", "--server", SERVER.url(), "--duration", "600")) {
            String line = bench.err.next();
            while (!line.contains("p50")) line = bench.err.next();
            bench.interrupt();
            assertThat(bench.exitCode()).isEqualTo(130);
            assertThat(String.join("\n", bench.out.rest())).contains("roundTrips", "Ended early");
        }
    }

    @Test
    void ctrlCTellsHowLongConnectionsWereHeld() {
        try (RunningCommand bench = RunningCommand.start(
                "bench", "connections", "-n", "4", "--server", SERVER.url(), "--duration", "600")) {
            String line = bench.err.next();
            while (!line.contains("held")) line = bench.err.next();
            bench.interrupt();
            assertThat(bench.exitCode()).isEqualTo(130);
            assertThat(String.join("\n", bench.out.rest()))
                    .contains("4 connections for ", "Ended early")
                    .containsPattern("held +4 connections for \\d\\d?(\\.\\d+)? s");
        }
    }

    @Test
    void ctrlCWhileItConnectsIsASentence() {
        try (RunningCommand bench =
                RunningCommand.start("bench", "fanout", "-n", "100", "--connect-rate", "1", "--server", SERVER.url())) {
            String line = bench.err.next();
            while (!line.contains("connecting")) line = bench.err.next();
            bench.interrupt();
            assertThat(bench.exitCode()).isEqualTo(130);
            assertThat(bench.err.rest()).contains("switchboard: Ended before anything was measured.");
        }
    }

    @Test
    void quietSaysNothingOnTheWay() {
        try (RunningCommand bench = bench(SERVER.url(), "echo", "-n", "1", "--quiet")) {
            assertThat(bench.exitCode()).isZero();
            assertThat(bench.err.rest()).isEmpty();
        }
    }

    @Test
    void aTerminalGetsOneLineThatIsRewritten() {
        try (RunningCommand bench = RunningCommand.start(
                TestShell.in(""),
                new HurriedTime(),
                EnumSet.of(Shell.Stream.ERR),
                "bench",
                "echo",
                "-n",
                "1",
                "--duration",
                "2",
                "--server",
                SERVER.url())) {
            assertThat(bench.exitCode()).isZero();
            assertThat(bench.err.rest()).isEmpty(); // no line ever ended
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "fanout --subscribers 100001 | --subscribers is 1 to 100,000, not 100,001.",
                "fanout --rate 5 --window 5 | Give --rate or --window, not both.",
                "fanout --duration 601 | --duration is 1 to 600, not 601.",
                "fanout --transport carrier-pigeon | there are [websocket, live, sse, long-poll, poll]",
                "connections -n 0 | --connections is 1 to 100,000, not 0.",
                "append --size 47 | --size is 48 to 1,048,576, not 47.",
                "fanout --streams 4 | --streams is for --http 2 and 3",
                "connections --http 1 --streams 4 | --streams is for --http 2 and 3",
                "fanout --http 4 | --http is 1 to 3, not 4.",
                "echo --http 2 | There is no --http.",
                "read --catch-up --rate 5 | --rate is for reads at the tail",
                "echo --threads 65 | --threads is 1 to 64, not 65.",
                "echo --server http://192.0.2.1 | say --i-own-this-server",
                "echo --server http://[::1]:1 --sources 2 | --sources are addresses of 127.0.0.0/8",
                "echo --metrics-url localhost:9090/metrics | --metrics-url is a whole address",
                "echo --metrics-url http:///metrics | --metrics-url is a whole address",
                "echo --ca-file /nowhere.pem | cannot be read",
                "fonaut | There is no fonaut. Did you mean fanout?",
            })
    void wrongValuesAreNamedWithTheirRange(String arguments, String sentence) {
        List<String> all = new ArrayList<>(List.of("bench"));
        all.addAll(List.of(arguments.split(" ")));
        try (RunningCommand bench = RunningCommand.start(all.toArray(String[]::new))) {
            assertThat(bench.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(String.join("\n", bench.err.rest())).contains(sentence);
        }
    }

    @Test
    void aServerThatIsNotThereIsOneSentence() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        try (RunningCommand bench = bench("http://127.0.0.1:" + port, "echo")) {
            assertThat(bench.exitCode()).isEqualTo(ExitCode.FAILED);
            assertThat(bench.err.rest())
                    .containsExactly("switchboard: No server answers at http://127.0.0.1:" + port
                            + "; ./switchboard serve starts one.");
        }
    }

    @Test
    void helpNamesEveryRange() {
        StringBuilder help = new StringBuilder();
        for (String mode : List.of("fanout", "connections", "echo", "append", "read", "capacity")) {
            try (RunningCommand bench = RunningCommand.start("bench", mode, "--help")) {
                assertThat(bench.exitCode()).isZero();
                help.append(String.join(" ", bench.out.rest()).replaceAll("\\s+", " "));
            }
        }
        for (Bound bound : Bound.values()) {
            assertThat(help.toString()).contains(bound.option() + "=").contains(bound.range());
        }
        assertThat(help).contains("Examples:", "--i-own-this-server");
    }

    @ParameterizedTest
    @CsvSource({"fanout, true", "connections, true", "echo, false", "append, false", "read, false", "capacity, false"})
    void helpListsVersionsOfHttpWhereReadersHaveAChoice(String mode, boolean chosen) {
        try (RunningCommand bench = RunningCommand.start("bench", mode, "--help")) {
            assertThat(bench.exitCode()).isZero();
            assertThat(String.join("\n", bench.out.rest()).contains("--http")).isEqualTo(chosen);
        }
    }

    @Test
    void withoutAModeItShowsWhatThereIs() {
        try (RunningCommand bench = RunningCommand.start("bench")) {
            assertThat(bench.exitCode()).isZero();
            assertThat(String.join("\n", bench.out.rest()))
                    .contains("fanout", "connections", "echo", "append", "read", "capacity", "Exit codes");
        }
    }

    @Test
    void aTokenIsShownAndItsRightsAreSaid(@TempDir Path folder) throws Exception {
        Path keys =
                Files.writeString(folder.resolve("keys.jwks"), KEY.publicJwks().orElseThrow());
        try (ChannelServer guarded = ChannelServer.guarded(keys, token("**", "**", "**"))) {
            expect(guarded, "", 1, "the server asks for a token (401)");
            expect(guarded, token("**", "**", "other"), 1, "may not create channels");
            expect(guarded, token("**", "other", "bench/**"), 1, "refused by the server");
            expect(guarded, token("bench/**", "bench/**", "bench/**"), 0, "0 lost");
        }
    }

    private static String token(String read, String write, String manage) throws Exception {
        return KEY.sign(new TokenDraft(
                        "load",
                        List.of(read),
                        List.of(write),
                        List.of(manage),
                        false,
                        60_000,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())
                .claims(System.currentTimeMillis()));
    }

    private static void expect(ChannelServer server, String token, int code, String sentence) {
        try (RunningCommand bench = RunningCommand.start(
                Map.of("SWITCHBOARD_TOKEN", token),
                "bench",
                "fanout",
                "-n",
                "2",
                "-d",
                "1",
                "--warmup",
                "0",
                "-s",
                server.url())) {
            int exit = bench.exitCode();
            String all = String.join("\n", bench.out.rest()) + String.join("\n", bench.err.rest());
            assertThat(all).contains(sentence);
            if (!token.isEmpty()) assertThat(all).doesNotContain(token);
            assertThat(exit).as(all).isEqualTo(code);
        }
    }
}
