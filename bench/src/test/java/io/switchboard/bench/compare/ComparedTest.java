package io.switchboard.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.bench.Transport;
import io.switchboard.bench.Trial;
import io.switchboard.bench.own.Front;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Figures of which is known what has to come of them. */
class ComparedTest {
    private static final Offset<Double> EXACT = Offset.offset(1e-9);

    private static Trial.Outcome outcome(long lost, long bytesDown, long headBytes, double p50, double processors) {
        return new Trial.Outcome(
                10,
                100,
                0,
                10,
                1_000,
                new Trial.Delays(1_000, p50, 2 * p50, 3 * p50),
                lost,
                0,
                0,
                0,
                0,
                new Trial.Delays(0, 0, 0, 0),
                new Trial.Traffic(500, bytesDown, 20_000, 80, headBytes),
                OptionalDouble.of(processors),
                OptionalDouble.of(51),
                OptionalDouble.of(409_600),
                OptionalDouble.of(1e6),
                new Trial.Returns(
                        20, new Trial.Traffic(40, 5_000, 10_000, 60, 3_000), new Trial.Delays(20, 1e6, 2e6, 3e6)),
                0.1);
    }

    private static Row poll(long lost) {
        return new Row(
                new Way(Transport.POLL, 1),
                outcome(lost, 76_000, 4_000, 500e6, 0.5),
                OptionalDouble.of(0.1),
                Optional.of(new Row.Shared(0.02, 6e8, 9e8)));
    }

    private static Row socket() {
        return new Row(
                new Way(Transport.WEBSOCKET, 0),
                outcome(0, 28_000, 2_000, 1e6, 0.05),
                OptionalDouble.of(0.1),
                Optional.empty());
    }

    private static Compared compared(Row... rows) {
        return new Compared(
                new Workload(1, 128, 100, 0, 10, false, 1, Front.DIRECT, List.of(1.0)),
                "1.0 <test>",
                "a machine",
                OptionalDouble.of(0.1),
                List.of(rows));
    }

    @Test
    void figuresAreReckonedFromWhatWasCounted() {
        Row row = poll(0);
        assertThat(row.p50Millis()).isEqualTo(500, EXACT);
        assertThat(row.p99Millis()).isEqualTo(1_000, EXACT);
        assertThat(row.requestsPerSecond()).isEqualTo(50, EXACT);
        assertThat(row.bytesPerMessage().orElseThrow()).isEqualTo(100, EXACT); // 100,000 bytes, 1,000 messages
        assertThat(row.bytesPerViewerHour()).isEqualTo(360_000, EXACT); // of 100 viewers, in 10 s
        assertThat(row.headShare()).isEqualTo(0.04, EXACT);
        assertThat(row.microsPerViewerSecond().orElseThrow()).isEqualTo(4_000, EXACT); // 0.4 processors
        assertThat(row.heapPerViewer().orElseThrow()).isEqualTo(4_096, EXACT);
        assertThat(row.bytesPerReturn()).isEqualTo(900, EXACT);
        assertThat(row.requestsPerReturn()).isEqualTo(2, EXACT);
        assertThat(row.returnMillis()).isEqualTo(1, EXACT);
        assertThat(socket().microsPerViewerSecond().orElseThrow()).isZero(); // less than nobody took: not measurable
        assertThat(Row.processors(0)).isEqualTo("too little");
        assertThat(Row.processors(4_000)).isEqualTo("4,000 µs/s");
    }

    @Test
    void theTableHasAColumnForEachWay() {
        String text = compared(poll(0), socket()).text();
        assertThat(text).containsPattern("\\n +poll every 1 s +WebSocket\\n");
        assertThat(text)
                .contains("1 messages a second of 128 bytes to 100 viewers, without TLS")
                .containsPattern("delay p50 +500 ms +1.00 ms")
                .containsPattern("lost, doubled, out of order +0, 0, 0 +0, 0, 0")
                .containsPattern("bytes a viewer-hour +352 KB +176 KB")
                .containsPattern("origin requests a request, cached +0.020 +not shared")
                .contains("Fewest bytes: WebSocket; poll every 1 s 2.0 times.")
                .contains("Shortest delay (p99): WebSocket; poll every 1 s 500 times.");
        assertThat(compared(poll(0), socket()).markdown())
                .contains("| | poll every 1 s | WebSocket |", "| --- | ---: | ---: |")
                .contains("| delay p50 | 500 ms | 1.00 ms |")
                .contains("`./switchboard compare --rate 1 --size 128 --viewers 100 --duration 10 --poll-every 1`");
    }

    @Test
    void whatWentWrongIsToldAndMakesItBad() {
        assertThat(compared(poll(0)).isGood()).isTrue();
        assertThat(compared(poll(3), socket()).isGood()).isFalse();
        assertThat(compared(poll(3), socket()).text()).contains("Not all went well: poll every 1 s: 3 lost.");
    }

    @Test
    void machinesGetTheSameFigures() {
        assertThat(compared(poll(0), socket()).json())
                .startsWith("{\"compare\":\"1 messages a second")
                .contains("\"command\":\"./switchboard compare --rate 1 ")
                .contains(
                        "\"workload\":{\"rate\":1,\"size\":128,\"viewers\":100,\"clientRate\":0,\"durationSeconds\":10,"
                                + "\"tls\":false,\"http\":1,\"through\":\"direct\",\"pollEverySeconds\":[1]}")
                .contains("\"transport\":\"poll\",\"pollEverySeconds\":1,\"label\":\"poll every 1 s\"")
                .contains("\"delayMillis\":{\"count\":1000,\"p50\":500,\"p99\":1000,\"max\":1500}")
                .contains(
                        "\"wire\":{\"requests\":500,\"bytesDown\":76000,\"bytesUp\":20000,\"segments\":80,\"tcpIpBytes\":4000}")
                .contains("\"bytesPerViewerHour\":360000")
                .contains("\"reconnect\":{\"count\":20,\"bytes\":900,\"requests\":2,")
                .endsWith("\"good\":true}")
                .doesNotContain("\n");
    }

    @Test
    void thePageIsWholeInItself() {
        String html = compared(poll(0), socket()).html();
        assertThat(html)
                .startsWith("<!doctype html>")
                .contains("<svg viewBox=", "prefers-color-scheme: dark", "<td>352 KB</td>", "1.0 &lt;test&gt;")
                .doesNotContain("http://", "https://", "<script", "src=", "@import", "url(", "NaN", "<test>");
        // The colour of a transport is the same however many intervals there are.
        assertThat(html).contains("fill=\"var(--c6)\"");
    }

    @Test
    void longDelaysAndShortOnesStandOnOneScale() {
        assertThat(Page.logarithmic(0.1, 1_000)).isZero();
        assertThat(Page.logarithmic(10, 1_000)).isEqualTo(0.5, EXACT);
        assertThat(Page.logarithmic(1_000, 1_000)).isEqualTo(1, EXACT);
        assertThat(Page.logarithmic(0, 0)).isZero();
    }
}
