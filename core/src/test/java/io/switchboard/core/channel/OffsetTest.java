package io.switchboard.core.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OffsetTest {
    @Test
    void whatIsWrittenIsReadBack() {
        Offset offset = new Offset(7, 1_234_567);

        assertThat(offset).hasToString("0000000000000007_0000000001234567");
        assertThat(Offset.parse(offset.toString())).isEqualTo(offset);
        assertThat(Offset.parse(new Offset(Offset.PART_MAX, Offset.PART_MAX).toString()))
                .isEqualTo(new Offset(Offset.PART_MAX, Offset.PART_MAX));
    }

    @Test
    void itIsWrittenInPlace() {
        byte[] target = "[.................................]".getBytes(StandardCharsets.US_ASCII);

        Offset.write(12, 34, target, 1);

        assertThat(new String(target, StandardCharsets.US_ASCII)).isEqualTo("[0000000000000012_0000000000000034]");
    }

    @Test
    void positionsSortAsTheirTextsDo() {
        Offset earlier = new Offset(2, 9);
        Offset later = new Offset(10, 1);

        assertThat(earlier).isLessThan(later);
        assertThat(earlier.toString()).isLessThan(later.toString());
        assertThat(new Offset(2, 9)).isLessThan(new Offset(2, 10));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-1",
                "now",
                "0000000000000007-0000000000000001",
                "000000000000007_00000000000000001",
                "0000000000000007_000000000000001",
                "0000000000000007_00000000000000011",
                "+000000000000007_0000000000000001",
                "0000000000000007_000000000000000a",
                "0000000000000007_000000000000000\u0661",
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
