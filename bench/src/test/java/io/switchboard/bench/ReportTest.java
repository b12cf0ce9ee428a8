package io.switchboard.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReportTest {
    @Test
    void textIsAlignedAndJsonIsOneLine() {
        Report report = new Report("echo", "3 WebSockets");
        report.row("delay", "1 ms");
        report.row("connections", "3");
        report.put("size", 128);
        report.remark("Mind \"this\".");
        assertThat(report.text())
                .isEqualTo(
                        "Switchboard bench echo: 3 WebSockets\n  delay        1 ms\n  connections  3\nMind \"this\".");
        assertThat(report.json())
                .isEqualTo(
                        "{\"bench\":\"echo\",\"size\":128,\"remarks\":[\"Mind \\\"this\\\".\"],\"stopped\":false,\"good\":true}");
        report.fault("It failed.");
        assertThat(report.isGood()).isFalse();
        assertThat(report.json()).contains("\"good\":false");
    }

    @Test
    void jsonHasNoNumbersThatAreNone() {
        assertThat(Json.of(List.of(1.5, 2.0, Double.NaN, -3, true, Map.of("a\n", Map.of()))))
                .isEqualTo("[1.5000,2,null,-3,true,{\"a\\u000a\":{}}]");
    }

    @Test
    void figuresAreFoundAmongThoseOfPrometheus() {
        ServerFigures figures = ServerFigures.parse("""
                # HELP process_cpu_seconds_total Processor time used.
                process_cpu_seconds_total 12.5
                jvm_memory_used_bytes{area="heap"} 4.2E7
                process_open_fds 50.0
                process_max_fds 200.0
                nonsense
                more nonsense
                """, 7);
        assertThat(figures.cpuSeconds()).hasValue(12.5);
        assertThat(figures.heapBytes()).hasValue(4.2e7);
        assertThat(figures.filesUsed()).hasValue(0.25);
        assertThat(figures.residentBytes()).isEmpty();
    }

    @Test
    void processorsAreCountedBetweenTheServersOwnAnswers() {
        Measured measured = new Measured(
                100,
                Totals.NONE,
                Totals.NONE,
                Lane.newDelays(),
                0,
                0,
                true,
                Optional.of(ServerFigures.parse("process_cpu_seconds_total 10", 1_000_000_000L)),
                Optional.of(ServerFigures.parse("process_cpu_seconds_total 12", 5_000_000_000L)));
        assertThat(measured.serverProcessors()).hasValue(0.5);
    }

    @Test
    void whatIsLateIsNotLost() {
        Report report = new Report("echo", "");
        Findings.checked(report, 0, 1_234, 0, 0);
        assertThat(report.text()).contains("checked  0 lost, 0 doubled, 0 reordered; 1,234 not delivered in time");
        assertThat(report.json()).contains("\"late\":1234");
        assertThat(report.isGood()).isTrue();
        Findings.checked(report, 1, 0, 0, 0);
        assertThat(report.isGood()).isFalse();
    }

    @Test
    void figuresAreWrittenForPeople() {
        assertThat(Text.count(1, "connection")).isEqualTo("1 connection");
        assertThat(Text.count(12_345, "connection")).isEqualTo("12,345 connections");
        assertThat(Text.bytes(1_023)).isEqualTo("1,023 bytes");
        assertThat(Text.bytes(1_536)).isEqualTo("1.5 KB");
        assertThat(Text.millis(1_234_567)).isEqualTo("1.23");
        assertThat(Text.millis(123_456_789)).isEqualTo("123");
        assertThat(Text.rate(0.5)).isEqualTo("0.5");
        assertThat(Text.rate(52_345.6)).isEqualTo("52,346");
    }
}
