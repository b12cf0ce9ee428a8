package io.switchboard.bench.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TravelTest {
    private static final long MILLI = 1_000_000;

    private static Conditions network(int delayMillis, double lossPercent) {
        return new Conditions(delayMillis, lossPercent, false, true);
    }

    /** Throws these, then what never loses anything. */
    private static Travel thrown(Conditions network, Double... dice) {
        Deque<Double> left = new ArrayDeque<>(List.of(dice));
        return new Travel(() -> network, () -> left.isEmpty() ? 0.999 : left.remove());
    }

    @Test
    void bytesTakeHalfOfTheDelayOnTheirWay() {
        assertThat(thrown(network(100, 0)).arrival(10, 7 * MILLI, 0)).isEqualTo(57 * MILLI);
        assertThat(thrown(network(0, 0)).arrival(10, 7 * MILLI, 0)).isEqualTo(7 * MILLI);
    }

    @Test
    void theFirstBytesOfAConnectionWaitForItBesides() {
        assertThat(thrown(network(100, 0)).arrival(10, 0, 100)).isEqualTo(150 * MILLI);
    }

    @Test
    void aLossIsAWaitThatDoublesEachTime() {
        assertThat(thrown(network(100, 10), 0.05).arrival(10, 0, 0)).isEqualTo((50 + 300) * MILLI);
        assertThat(thrown(network(100, 10), 0.05, 0.05).arrival(10, 0, 0)).isEqualTo((50 + 300 + 600) * MILLI);
    }

    @Test
    void whatIsSentBehindALossWaitsToo() {
        Travel travel = thrown(network(0, 10), 0.05);
        assertThat(travel.arrival(10, 0, 0)).isEqualTo(200 * MILLI);
        assertThat(travel.arrival(10, MILLI, 0)).isEqualTo(200 * MILLI);
        assertThat(travel.arrival(10, 300 * MILLI, 0)).isEqualTo(300 * MILLI);
    }

    @Test
    void everySegmentIsThrownFor() {
        Travel travel = thrown(network(0, 10), 0.5, 0.5, 0.05);
        assertThat(travel.arrival(3 * Travel.SEGMENT_BYTES, 0, 0)).isEqualTo(200 * MILLI);
        Travel two = thrown(network(0, 10), 0.5, 0.5, 0.05);
        assertThat(two.arrival(2 * Travel.SEGMENT_BYTES, 0, 0)).isZero();
    }

    @Test
    void soManyAreLostAsAreWishedFor() {
        Random random = new Random(8);
        int late = 0;
        for (int i = 0; i < 10_000; i++) {
            if (new Travel(() -> network(0, 20), random::nextDouble).arrival(1, 0, 0) > 0) late++;
        }
        assertThat(late).isBetween(1_800, 2_200);
    }

    @Test
    void evenWhereHalfIsLostEverythingArrives() {
        Travel travel = new Travel(() -> network(0, 99), () -> 0);
        assertThat(travel.arrival(1, 0, 0)).isEqualTo(200 * 63 * MILLI);
    }
}
