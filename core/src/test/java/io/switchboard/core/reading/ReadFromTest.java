package io.switchboard.core.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadFromTest {
    @ParameterizedTest
    @ValueSource(strings = {"-1", "a0a0", "0000000000000000_0000000000000000"})
    void theBeginningHasThreeNames(String text) {
        assertThat(ReadFrom.parse(text)).isEqualTo(new ReadFrom.Earliest());
    }

    @Test
    void anOffsetIsAfterItsMessageAndNowIsNow() {
        assertThat(ReadFrom.parse("a1c123")).isEqualTo(new ReadFrom.At(new Offset(1, 123)));
        assertThat(ReadFrom.parse("now")).isEqualTo(new ReadFrom.Now());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "0", "-2", "NOW", "0000000000000001_0000000000000001", "0000000000000000_000000000000000"})
    void anythingElseIsNowhere(String text) {
        assertThat(ReadFrom.parse(text)).isNull();
    }
}
