package io.switchboard.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.switchboard.core.channel.Offset;
import java.nio.ByteBuffer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("slow") // the fuzzer takes its time to start, seeds or not
class OffsetFuzzTest {
    static Stream<byte[]> seeds() {
        return Stream.of(
                        "a1b42",
                        "a0a0",
                        "p9999999999999999p9999999999999999",
                        "-1",
                        "now",
                        "a1b07",
                        "b01a7",
                        "a1c42",
                        "0000000000000001_0000000000000042",
                        "a1a１")
                .map(text -> text.getBytes(UTF_8));
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "1m")
    void anOffsetHasExactlyOneText(byte[] bytes) {
        String text = new String(bytes, UTF_8);
        Offset offset = Offset.parse(text);
        if (offset != null) assertThat(offset).hasToString(text);
    }

    static Stream<byte[]> pairs() {
        return Stream.of(
                new byte[4 * Long.BYTES],
                pair(1, 9, 1, 10),
                pair(9, Offset.PART_MAX, 10, 0),
                pair(99, 7, 99, 8),
                pair(Offset.PART_MAX, 0, 1, Offset.PART_MAX));
    }

    @MethodSource("pairs")
    @FuzzTest(maxDuration = "1m")
    void textsComeBackAndSortAsThePositionsDo(byte[] bytes) {
        ByteBuffer numbers = ByteBuffer.allocate(4 * Long.BYTES).put(bytes, 0, Math.min(bytes.length, 4 * Long.BYTES));
        numbers.rewind();
        Offset one = new Offset(part(numbers.getLong()), part(numbers.getLong()));
        Offset other = new Offset(part(numbers.getLong()), part(numbers.getLong()));

        assertThat(Offset.parse(one.toString())).isEqualTo(one);
        assertThat(Offset.length(one.generation(), one.sequence()))
                .isEqualTo(one.toString().length());
        assertThat(Integer.signum(one.toString().compareTo(other.toString())))
                .isEqualTo(Integer.signum(one.compareTo(other)));
    }

    // Of any length: the upper bits say how many digits are cut off, the others, which are what they are, the number.
    private static long part(long random) {
        long n = Math.floorMod(random, Offset.PART_MAX + 1);
        for (long cut = random >>> 60; cut > 0; cut--) n /= 10;
        return n;
    }

    private static byte[] pair(long... parts) {
        ByteBuffer numbers = ByteBuffer.allocate(parts.length * Long.BYTES);
        for (long part : parts) numbers.putLong(part);
        return numbers.array();
    }
}
