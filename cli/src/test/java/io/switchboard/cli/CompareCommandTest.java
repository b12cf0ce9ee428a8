package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.bench.Halt;
import io.switchboard.bench.compare.Compared;
import io.switchboard.bench.compare.Comparison;
import io.switchboard.bench.compare.Workload;
import io.switchboard.bench.own.Front;
import io.switchboard.bench.own.OwnServer;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code compare} as it is typed; and one short comparison over everything that there is, against real servers. */
@Timeout(90)
class CompareCommandTest {
    private static String compare(int code, String... arguments) {
        String[] all = new String[arguments.length + 1];
        all[0] = "compare";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        try (RunningCommand compare = RunningCommand.start(all)) {
            int ended = compare.exitCode();
            String said = String.join("\n", compare.out.rest()) + String.join("\n", compare.err.rest());
            assertThat(ended).as(said).isEqualTo(code);
            return said;
        }
    }

    @Test
    void theHelpShowsWhatCanBeAskedFor() {
        assertThat(compare(ExitCode.OK, "--help"))
                .contains(
                        "--rate",
                        "--size",
                        "--viewers",
                        "--client-rate",
                        "--duration",
                        "--poll-every",
                        "--tls",
                        "--http")
                .contains("--through", "--markdown", "--json", "--html", "docs/compare.md")
                .doesNotContain("--server");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--server https://example.com | compare measures a server of its own",
                "--rate 0                     | --rate is 0.01 to 1,000, not 0.",
                "--rate 0.1                   | give --duration 30 or more",
                "--viewers many               | Invalid value for option '--viewers'",
                "--through haproxy            | --through is nginx or nginx-cache, not haproxy.",
                "--through direct             | --through is nginx or nginx-cache, not direct.",
                "--poll-every 1,2,3,4,5       | --poll-every takes 1 to 4 intervals",
                "--http 4                     | --http is 1 to 3, not 4.",
                "--http two                   | Invalid value for option '--http'",
                "--http 2 --through nginx     | --http 2 goes to the server itself, without --through",
                "--http 3 --through nginx     | --http 3 goes to the server itself, without --through",
                "--html /no/such/folder/a     | --html names a file in a folder that may be written to",
                "--json --markdown            | are mutually exclusive",
                "http://127.0.0.1:8080        | There is no http://127.0.0.1:8080.",
            })
    void mistakesAreToldBeforeAnythingIsStarted(String arguments, String sentence) {
        assertThat(compare(ExitCode.USAGE, arguments.split(" "))).contains(sentence);
    }

    /** Over HTTP/3; with a cache, over HTTP/1.1 too. */
    @Test
    @Tag("slow") // it starts servers and waits for real time
    void everyWayIsMeasuredOverTlsWithViewersThatSpeakToo() throws Exception {
        Workload workload = new Workload(20, 200, 8, 2, 1, true, 3, Front.DIRECT, List.of(0.2));
        Compared compared = Comparison.run(workload, "test", line -> {}, new Halt());
        String text = compared.text();
        String cached = OwnServer.hasNginx() ? "[01]\\.[0-9]+" : "unknown";
        assertThat(compared.isGood()).as(text).isTrue();
        assertThat(text)
                .containsPattern("poll every 0.2 s +long-poll +SSE +WebSocket")
                .containsPattern("lost, doubled, out of order +0, 0, 0 +0, 0, 0 +0, 0, 0 +0, 0, 0")
                .containsPattern("of them UDP and IP +[0-9]")
                .containsPattern("heap a viewer +[0-9]")
                .containsPattern("coming back: requests +1 +2 +1 +1\n")
                .containsPattern(
                        "origin requests a request, cached +" + cached + " +" + cached + " +not shared +not shared")
                .containsPattern("sent by viewers, p50 +[0-9.]+ ms +[0-9.]+ ms +[0-9.]+ ms +[0-9.]+ ms")
                .doesNotContain("nothing came");
        assertThat(compared.json())
                .contains("\"transport\":\"websocket\"", "\"tls\":true,\"http\":3,", "\"good\":true");
        assertThat(compared.html()).contains("<svg", "WebSocket");
    }
}
