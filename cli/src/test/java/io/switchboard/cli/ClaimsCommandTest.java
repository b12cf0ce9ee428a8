package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code claims} as it is typed; and two of them that need no time, against real servers. */
@Timeout(60)
class ClaimsCommandTest {
    private static String claims(int code, String... arguments) {
        String[] all = new String[arguments.length + 1];
        all[0] = "claims";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        try (RunningCommand claims = RunningCommand.start(all)) {
            int ended = claims.exitCode();
            String said = String.join("\n", claims.out.rest()) + String.join("\n", claims.err.rest());
            assertThat(ended).as(said).isEqualTo(code);
            return said;
        }
    }

    @Test
    void theHelpShowsWhatCanBeAskedFor() {
        assertThat(claims(ExitCode.OK, "--help"))
                .contains("list", "--quick", "--http", "--json", "--markdown", "--out", "docs/claims.md", "130 Ctrl-C");
    }

    @Test
    void theListTellsWhatThereIsAndHowLongItTakes() {
        assertThat(claims(ExitCode.OK, "list"))
                .containsPattern("framing +[0-9]+ s  A WebSocket message carries only 2 to 10 bytes")
                .containsPattern("memory +[0-9]+ s  A WebSocket connection takes 40 KB");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "frming                      | There is no claim frming. Did you mean framing? There are framing, headers,",
                "everything                  | There is no claim everything. There are framing, headers,",
                "framing list                | claims list takes nothing else",
                "list --json                 | claims list takes nothing else",
                "list --http 2               | claims list takes nothing else",
                "--http 4                    | --http is 1 to 3, not 4.",
                "--json --markdown           | are mutually exclusive",
                "--out /no/such/folder/a     | --out names a file in a folder that may be written to",
                "--quick --out claims.md     | a document is made of whole measurements",
                "--fast                      | There is no --fast.",
            })
    void mistakesAreToldBeforeAnythingIsStarted(String arguments, String sentence) {
        assertThat(claims(ExitCode.USAGE, arguments.split(" "))).contains(sentence);
    }

    @Test
    @Tag("slow") // it starts servers
    void bytesAreCountedOnTheSocketsOfRealServers() {
        String json = claims(ExitCode.OK, "framing", "headers", "--quick", "--json");
        assertThat(json)
                .contains("\"id\":\"framing\"", "\"verdict\":\"true within limits\"", "\"quick\":true")
                .contains("{\"label\":\"from the server, message of 125\",\"value\":2,\"unit\":\"bytes\"}")
                .contains("{\"label\":\"from the server, message of 65,536\",\"value\":10,\"unit\":\"bytes\"}")
                .contains("{\"label\":\"from a client, message of 126\",\"value\":8,\"unit\":\"bytes\"}")
                .contains("\"id\":\"headers\"")
                .containsPattern("HTTP/1.1, request of a browser\",\"value\":[5-9][0-9][0-9],")
                .containsPattern("HTTP/2, repeated request\",\"value\":[1-9]?[0-9],")
                .contains("1/2 framing: echo")
                .contains("\"good\":true");
    }

    /** What a frame of HTTP/2 adds is 9 bytes (RFC 9113, section 4.1); QUIC adds more. */
    @ParameterizedTest
    @CsvSource({"2, 11, 11", "3, 20, 80"})
    @Tag("slow") // it starts servers
    void framesAreLargerOverOtherVersionsAndAProxySaysNothingOfThem(int http, int least, int most) {
        String json = claims(
                ExitCode.OK,
                "framing",
                "headers",
                "proxy-timeout",
                "--http",
                String.valueOf(http),
                "--quick",
                "--json");
        Matcher frame = Pattern.compile("from the server, message of 1\",\"value\":([0-9]+),")
                .matcher(json);
        assertThat(frame.find()).as(json).isTrue();
        assertThat(Integer.parseInt(frame.group(1))).isBetween(least, most);
        assertThat(json)
                .contains("\"verdict\":\"false here\"", "\"http\":" + http + ",", "\"good\":true")
                .contains(
                        "\"verdict\":\"not told\",\"says\":\"The proxy that is tried, nginx, passes no WebSocket over")
                .containsPattern("HTTP/" + http + ", repeated request\",\"value\":[1-9][0-9]+,");
    }
}
