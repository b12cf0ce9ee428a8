package io.switchboard.core.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OffsetTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0, a0a0",
        "1, 0, a1a0",
        "1, 123, a1c123",
        "9, 10, a9b10",
        "7, 1234567, a7g1234567",
        "1000000, 99, g1000000b99",
        "9999999999999999, 9999999999999999, p9999999999999999p9999999999999999",
    })
    void itIsTwoNumbersEachBehindALetterForItsLength(long generation, long sequence, String text) {
        Offset offset = new Offset(generation, sequence);

        assertThat(offset).hasToString(text);
        assertThat(Offset.parse(text)).isEqualTo(offset);
        assertThat(Offset.length(generation, sequence)).isEqualTo(text.length());
        assertThat(text).hasSizeLessThanOrEqualTo(Offset.LENGTH_MAX);
    }

    @Test
    void itIsWrittenInPlace() {
        byte[] target = "[.........]".getBytes(StandardCharsets.US_ASCII);

        assertThat(Offset.write(12, 345, target, 1)).isEqualTo(8);

        assertThat(new String(target, StandardCharsets.US_ASCII)).isEqualTo("[b12c345..]");
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 9", "1, 10", "8, 3", "9, 2", "95, 920", "99, 1", "100, 0", "9999999999999990, 10"})
    void theLengthOfManyIsTheSumOfTheirLengths(long first, int count) {
        long sum = 0;
        for (long sequence = first; sequence < first + count; sequence++) sum += Offset.length(42, sequence);

        assertThat(Offset.length(42, first, count)).isEqualTo(sum);
    }

    @Test
    void positionsSortAsTheirTextsDo() {
        List<Offset> inOrder = new ArrayList<>();
        long[] parts = {0, 1, 9, 10, 11, 99, 100, 999_999, 1_000_000, Offset.PART_MAX - 1, Offset.PART_MAX};
        for (long generation : parts) {
            for (long sequence : parts) inOrder.add(new Offset(generation, sequence));
        }

        assertThat(inOrder).isSorted();
        assertThat(inOrder.stream().map(Offset::toString)).isSorted();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "a1",
                "a1c",
                "-1",
                "now",
                "0000000000000007_0000000000000001",
                "0000000000000000_0000000000000000",
                "a1b01",
                "b01a1",
                "a1c12",
                "a1c1234",
                "a1a1 ",
                " a1a1",
                "A1A1",
                "a1_a1",
                "a1a+",
                "a1b-1",
                "b+1a1",
                "aaa1",
                "q10000000000000000a1",
                "a1q10000000000000000",
                "a1a\u0661",
                "`a1",
                "\u0661a1a1",
            })
    void anythingElseIsNoOffset(String text) {
        assertThat(Offset.parse(text)).isNull();
    }

    @Test
    void partsHaveARange() {
        assertThatThrownBy(() -> new Offset(-1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Offset(0, Offset.PART_MAX + 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
