package io.switchboard.core.figures;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FiguresTest {
    private final AtomicLong nanos = new AtomicLong(77);
    private final Figures figures = new Figures(nanos::get);

    @Test
    void aDurationFallsIntoTheFirstBoundThatHoldsIt() {
        Durations durations = new Durations();
        durations.record(100, TimeUnit.MICROSECONDS);
        durations.record(100_001, TimeUnit.NANOSECONDS); // still within 100 whole microseconds
        durations.record(101, TimeUnit.MICROSECONDS);
        durations.record(10, TimeUnit.SECONDS);
        durations.record(11, TimeUnit.SECONDS);
        durations.record(-5, TimeUnit.MILLISECONDS);
        long[] counts = durations.counts();
        assertThat(counts).hasSize(Durations.boundsSeconds().length + 1);
        assertThat(counts[0]).isEqualTo(3);
        assertThat(counts[1]).isEqualTo(1);
        assertThat(counts[counts.length - 2]).isEqualTo(1);
        assertThat(counts[counts.length - 1]).isEqualTo(1);
        assertThat(durations.sumSeconds()).isBetween(21.0003, 21.0004);
        assertThat(Durations.boundsSeconds()).isSorted().startsWith(0.0001).endsWith(10.0);
    }

    @Test
    void timeIsTakenFromTheGivenClock() {
        long begun = figures.nanos();
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(30));
        figures.since(begun, figures.commits);
        assertThat(figures.commits.sumSeconds()).isEqualTo(0.03);
    }

    @Test
    void onlyWhatWasStoredCountsAsIn() {
        figures.appended(Figures.Appended.STORED, 3, 40);
        figures.appended(Figures.Appended.DUPLICATE, 3, 40);
        figures.appended(Figures.Appended.NOT_FOUND, 1, 9);
        figures.appended(Figures.Appended.NOT_FOUND, 1, 9);
        figures.appended(Figures.Appended.FAILED, 1, 9);
        assertThat(figures.messagesIn.value()).isEqualTo(3);
        assertThat(figures.bytesIn.value()).isEqualTo(40);
        assertThat(figures.appends()).hasEntrySatisfying(Figures.Appended.NOT_FOUND, n -> assertThat(n.value())
                .isEqualTo(2));
        assertThat(figures.appends()).hasEntrySatisfying(Figures.Appended.FAILED, n -> assertThat(n.value())
                .isEqualTo(1));
        assertThat(figures.appends()).hasEntrySatisfying(Figures.Appended.CLOSED, n -> assertThat(n.value())
                .isZero());
    }
}
