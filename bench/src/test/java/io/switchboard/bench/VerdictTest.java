package io.switchboard.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What broke is told from what was seen, with what to raise. */
class VerdictTest {
    private static Verdict.Evidence evidence(
            Map<Trouble, Integer> failures,
            Map<Trouble, Integer> losses,
            double files,
            double server,
            double tool,
            double memory,
            boolean gone,
            boolean kept,
            double p99) {
        return new Verdict.Evidence(
                failures,
                losses,
                OptionalDouble.of(files),
                OptionalDouble.of(server),
                tool,
                tool,
                OptionalInt.of(4),
                Optional.of(memory),
                gone,
                0,
                kept,
                p99,
                250);
    }

    private static Verdict.Evidence slow(double server, double tool, double allOfTool, OptionalInt processors) {
        return new Verdict.Evidence(
                Map.of(),
                Map.of(),
                OptionalDouble.empty(),
                OptionalDouble.of(server),
                tool,
                allOfTool,
                processors,
                Optional.empty(),
                false,
                0,
                false,
                1,
                250);
    }

    static Stream<Arguments> table() {
        Map<Trouble, Integer> none = Map.of();
        return Stream.of(
                Arguments.of(
                        evidence(Map.of(Trouble.SERVER_FULL, 9, Trouble.CLOSED, 1), none, .1, 0, 0, 1, false, true, 1),
                        "server_full",
                        "raise limits.connections"),
                Arguments.of(
                        evidence(Map.of(Trouble.ADDRESS_FULL, 9), none, .1, 0, 0, 1, false, true, 1),
                        "address_full",
                        "limits.connectionsPerAddress"),
                Arguments.of(
                        evidence(Map.of(Trouble.CLIENT_FILES, 9), none, .1, 0, 0, 1, false, true, 1),
                        "client_files",
                        "ulimit -n"),
                Arguments.of(
                        evidence(Map.of(Trouble.PORTS, 9), none, .1, 0, 0, 1, false, true, 1),
                        "ports",
                        "ip_local_port_range"),
                Arguments.of(
                        evidence(Map.of(Trouble.TIMED_OUT, 9), none, .99, 0, 0, 1, false, true, 1),
                        "server_files",
                        "LimitNOFILE"),
                Arguments.of(
                        evidence(Map.of(Trouble.TIMED_OUT, 9), none, .5, 0, 0, 1, false, true, 1),
                        "timed_out",
                        "somaxconn"),
                Arguments.of(
                        evidence(none, Map.of(Trouble.CLOSED, 2), .5, 0, 0, 1, false, true, 1),
                        "lost_closed",
                        "look into its log"),
                Arguments.of(
                        evidence(none, Map.of(Trouble.CLOSED, 2), .5, 0, 0, 1, true, true, 1), "server_gone", "dmesg"),
                Arguments.of(evidence(none, none, .99, 0, 0, 1, false, true, 1), "server_files", "ulimit -n"),
                Arguments.of(evidence(none, none, .1, 0, 0, .01, false, true, 1), "memory", "1 % left"),
                Arguments.of(evidence(none, none, .1, 1, .95, 1, false, true, 300), "tool", "--threads"),
                Arguments.of(evidence(none, none, .1, 3.9, .1, 1, false, true, 300), "cpu", "3.9 of 4 processors"),
                Arguments.of(evidence(none, none, .1, 3, .8, 1, false, false, 1), "cpu", "on another machine"),
                Arguments.of(evidence(none, none, .1, 1, .3, 1, false, false, 1), "threads", "raise threads"),
                // All threads of the tool count, not the busiest one alone.
                Arguments.of(slow(2, .6, 1.8, OptionalInt.of(4)), "cpu", "on another machine"),
                // What another machine has is not known here.
                Arguments.of(slow(8, .6, 1.8, OptionalInt.empty()), "threads", "used 8.0 processors"),
                Arguments.of(
                        evidence(none, none, .1, .2, .1, 1, false, true, 300), "delay", "300 ms, more than 250 ms,"),
                Arguments.of(
                        evidence(none, none, .1, .2, .1, 1, false, false, 300),
                        "delay",
                        "300 ms, more than 250 ms, and the rate was not kept,"),
                Arguments.of(evidence(none, none, .1, .2, .1, 1, false, false, 200), "rate", "The rate was not kept,"));
    }

    @ParameterizedTest
    @MethodSource("table")
    void whatBrokeIsNamedWithWhatToRaise(Verdict.Evidence seen, String what, String advice) {
        Verdict verdict = Verdict.of(seen).orElseThrow();
        assertThat(verdict.what()).isEqualTo(what);
        assertThat(verdict.sentence()).contains(advice).endsWith(".");
    }

    @Test
    void whatTheServerRefusesIsNoDelay() {
        Verdict.Evidence seen = new Verdict.Evidence(
                Map.of(),
                Map.of(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                0,
                0,
                OptionalInt.of(4),
                Optional.empty(),
                false,
                7,
                false,
                300,
                250);
        Verdict verdict = Verdict.of(seen).orElseThrow();
        assertThat(verdict.what()).isEqualTo("refused");
        assertThat(verdict.sentence()).contains("7 publications", "limits.appendsPerSecondPerChannel");
    }

    @Test
    void whereAllIsWellNothingBroke() {
        assertThat(Verdict.of(evidence(Map.of(), Map.of(), .1, 1, .5, 1, false, true, 10)))
                .isEmpty();
    }

    @Test
    void theSystemsErrorsAreToldApart() {
        assertThat(Trouble.of(new IllegalStateException(
                        "x", new java.io.IOException("socket(..) failed: Too many open files"))))
                .isEqualTo(Trouble.CLIENT_FILES);
        assertThat(Trouble.of(new java.io.IOException("connect(..) failed: Cannot assign requested address")))
                .isEqualTo(Trouble.PORTS);
        assertThat(Trouble.of(new java.io.IOException("Connection refused: /127.0.0.1:1")))
                .isEqualTo(Trouble.NOBODY);
        assertThat(Trouble.of(new java.io.IOException("anything"))).isEqualTo(Trouble.NETWORK);
    }
}
