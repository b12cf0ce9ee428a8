package io.switchboard.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SequenceCheckTest {
    @ParameterizedTest
    @CsvSource({
        "1 2 3 4,         4, 0, 0",
        "1 2 4,           3, 0, 0", // lost, as the count tells
        "1 2 2 3,         3, 1, 0",
        "1 3 2 4,         4, 0, 1",
        "2 1 1 2,         2, 2, 1",
        "3 2 1 3 2 1,     3, 3, 2",
        "1 100 37 37,     3, 1, 1", // 63 back: known
        "1 100 36,        2, 1, 0", // further back than it remembers
        "1000000000000 1, 1, 1, 0",
    })
    void eachMessageIsCountedForWhatItIs(String sequences, long distinct, long doubled, long reordered) {
        SequenceCheck check = new SequenceCheck(1);
        Arrays.stream(sequences.split(" ")).mapToLong(Long::parseLong).forEach(one -> check.take(0, one));
        assertThat(check.distinct()).isEqualTo(distinct);
        assertThat(check.doubled()).isEqualTo(doubled);
        assertThat(check.reordered()).isEqualTo(reordered);
    }

    @Test
    void publishersAreApartAndStrangersCountForNothing() {
        SequenceCheck check = new SequenceCheck(2);
        check.take(0, 1);
        check.take(1, 1);
        check.take(2, 1);
        assertThat(check.distinct()).isEqualTo(2);
        assertThat(check.doubled() + check.reordered()).isZero();
    }
}
