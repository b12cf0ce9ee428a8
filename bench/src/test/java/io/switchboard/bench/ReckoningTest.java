package io.switchboard.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReckoningTest {
    private static final Optional<ServerFigures> SERVER = Optional.of(ServerFigures.parse("""
            switchboard_capacity_connections{limit="configured"} 15000.0
            switchboard_capacity_connections{limit="files"} 19940.0
            switchboard_capacity_connections{limit="memory"} 1234567.0
            """, 0));

    private static Report told(Optional<ServerFigures> figures, int good, String broke) {
        Report report = new Report("capacity", "a test");
        Optional<Verdict> verdict = broke.isEmpty() ? Optional.empty() : Optional.of(new Verdict(broke, "It broke."));
        Reckoning.tell(report, figures, good, verdict);
        return report;
    }

    @Test
    void whatTheServerSaysOfItselfStandsBesideWhatWasFound() {
        Report report = told(SERVER, 8_100, "");
        assertThat(report.text())
                .contains("its own limits  15,000 by configuration, 19,940 by files, 1,234,567 by memory")
                .doesNotContain("set limits.connections");
        assertThat(report.json())
                .contains("\"serverCapacity\":{\"configuration\":15000,\"files\":19940,\"memory\":1234567}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "delay", "cpu", "timed_out", "server_gone", "lost_closed"})
    void whereLessWentWellItSaysWhatToSet(String broke) {
        Report report = told(SERVER, 8_100, broke);
        assertThat(report.text()).contains("set limits.connections to 8100").contains("80 %");
        assertThat(report.json()).contains("\"setLimitsConnections\":8100");
    }

    @ParameterizedTest
    @ValueSource(strings = {"client_files", "ports", "tool", "server_full", "address_full"})
    void whatEndedTheToolAloneIsNothingToSet(String broke) {
        assertThat(told(SERVER, 8_100, broke).text()).doesNotContain("set limits.connections");
    }

    @Test
    void whereTheServerReckonsWithNoMoreThereIsNothingToSet() {
        assertThat(told(SERVER, 15_000, "delay").text()).doesNotContain("set limits.connections");
        assertThat(told(SERVER, 0, "delay").text()).doesNotContain("set limits.connections");
    }

    @Test
    void aServerWithoutSuchFiguresIsNotSpokenOf() {
        assertThat(told(Optional.empty(), 8_100, "delay").text()).doesNotContain("its own limits");
        Optional<ServerFigures> older = Optional.of(ServerFigures.parse("process_open_fds 3\n", 0));
        assertThat(told(older, 8_100, "delay").text()).doesNotContain("its own limits");
    }
}
