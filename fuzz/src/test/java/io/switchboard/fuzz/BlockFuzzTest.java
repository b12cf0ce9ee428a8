package io.switchboard.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.Payloads;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("slow") // the fuzzer takes its time to start, seeds or not
class BlockFuzzTest {
    static Stream<byte[]> seeds() {
        Payloads three = new Payloads("abcdef".getBytes(UTF_8), new int[] {1, 3, 6});
        Block one = new Block.Builder(1, 1, 0)
                .append(Payloads.one(new byte[0]), 0, null)
                .build();
        Block many = new Block.Builder(7, 100, 12)
                .append(three, 1_700_000_000_000L, "anna")
                .append(Payloads.one("x".getBytes(UTF_8)), 1_700_000_000_001L, null)
                .append(three, 1_700_000_000_002L, "anna")
                .append(three, 1_700_000_000_003L, "é")
                .build();
        Block cut = new Block.Builder(7, 101, 13).copy(many, 1, 9).build();
        return Stream.of(one.bytes(), many.bytes(), cut.bytes());
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "1m")
    void aBlockIsRefusedAtOnceOrCanBeReadToItsEnd(byte[] bytes) {
        Block block;
        try {
            block = Block.of(bytes.clone());
        } catch (IllegalArgumentException e) {
            return;
        }
        for (int i = 0; i < block.count(); i++) {
            String subject = block.subject(i);
            // Bytes that are no UTF-8 become longer, and perhaps too long, when written again.
            if (subject != null && subject.indexOf('\ufffd') >= 0) return;
        }
        Block copy = new Block.Builder(block.generation(), block.firstSequence(), block.bytesBefore())
                .copy(block, 0, block.count())
                .build();
        Block again = Block.of(copy.bytes());
        for (int i = 0; i < block.count(); i++) {
            assertThat(again.message(i)).isEqualTo(block.message(i));
            assertThat(again.timeMillis(i)).isEqualTo(block.timeMillis(i));
            assertThat(again.subject(i)).isEqualTo(block.subject(i));
            assertThat(again.startsAppend(i)).isEqualTo(block.startsAppend(i));
        }
        assertThat(again.lastOffset()).isEqualTo(block.lastOffset());
        assertThat(again.payloadBytes()).isEqualTo(block.payloadBytes());
    }
}
