package io.switchboard.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrialTest {
    /** A message that is due at the very edge would count for those who get it late, and not for those who get it at once. */
    @ParameterizedTest
    @CsvSource({"1, 1", "1, 0.04", "0, 1", "5, 0.2", "1, 0.3", "1, 1000", "60, 0.01"})
    void whatIsMeasuredBeginsHalfwayBetweenTwoMessages(long warmupSeconds, double rate) {
        double every = 1e9 / rate;
        long start = 123_456_789;
        long first = Trial.firstDue(start, warmupSeconds * 1_000_000_000, every);
        assertThat(first).isBetween(start, start + (long) every);
        double messages = (start + warmupSeconds * 1e9 - first) / every; // due from then to the beginning
        assertThat(messages - Math.floor(messages)).isCloseTo(0.5, within(1e-3));
    }
}
