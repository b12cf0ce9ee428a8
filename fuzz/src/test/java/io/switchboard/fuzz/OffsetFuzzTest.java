package io.switchboard.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.switchboard.core.channel.Offset;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("slow") // the fuzzer takes its time to start, seeds or not
class OffsetFuzzTest {
    static Stream<byte[]> seeds() {
        return Stream.of(
                        "0000000000000001_0000000000000042",
                        "9999999999999999_9999999999999999",
                        "-1",
                        "now",
                        "0000000000000001-0000000000000042",
                        "000000000000000１_0000000000000042")
                .map(text -> text.getBytes(UTF_8));
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "1m")
    void anOffsetHasExactlyOneText(byte[] bytes) {
        String text = new String(bytes, UTF_8);
        Offset offset = Offset.parse(text);
        if (offset != null) assertThat(offset).hasToString(text);
    }
}
