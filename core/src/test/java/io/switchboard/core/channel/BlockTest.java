package io.switchboard.core.channel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BlockTest {
    private static final Payloads THREE = new Payloads("abcdef".getBytes(UTF_8), new int[] {1, 3, 6});
    private static final Block BLOCK = new Block.Builder(7, 100, 12)
            .append(THREE, 1_700_000_000_000L, "anna")
            .append(Payloads.one(new byte[0]), 1_700_000_000_001L, null)
            .append(THREE, 1_700_000_000_002L, "é")
            .build();

    @Test
    void anyDamagedByteIsFoundAtOnceOrLeavesABlockThatCanBeRead() {
        for (int at = 0; at < BLOCK.bytes().length; at++) {
            for (int value : new int[] {0, 1, 2, 3, 0x3f, 0x7f, 0x80, 0xfe, 0xff}) {
                byte[] bytes = BLOCK.bytes().clone();
                bytes[at] = (byte) value;
                Block block = accepted(bytes);
                if (block != null) readAll(block);
            }
        }
    }

    @Test
    void aBlockThatWasCutOffOrGrewIsRefused() {
        for (int length = 0; length < BLOCK.bytes().length; length++) {
            byte[] cut = Arrays.copyOf(BLOCK.bytes(), length);
            assertThatThrownBy(() -> Block.of(cut)).isInstanceOf(IllegalArgumentException.class);
        }
        byte[] grown = Arrays.copyOf(BLOCK.bytes(), BLOCK.bytes().length + 1);
        assertThatThrownBy(() -> Block.of(grown)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aCopyOfSomeMessagesKeepsTheirTimesSubjectsAndAppends() {
        Block copy =
                Block.of(new Block.Builder(7, 101, 13).copy(BLOCK, 1, 6).build().bytes());

        assertThat(copy.count()).isEqualTo(5);
        for (int i = 0; i < copy.count(); i++) {
            assertThat(copy.message(i)).isEqualTo(BLOCK.message(i + 1));
            assertThat(copy.timeMillis(i)).isEqualTo(BLOCK.timeMillis(i + 1));
            assertThat(copy.subject(i)).isEqualTo(BLOCK.subject(i + 1));
            assertThat(copy.startsAppend(i)).isEqualTo(BLOCK.startsAppend(i + 1));
        }
    }

    private static @Nullable Block accepted(byte[] bytes) {
        try {
            return Block.of(bytes);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static void readAll(Block block) {
        assertThat(block.lastOffset().sequence()).isEqualTo(block.lastSequence());
        int bytes = 0;
        for (int i = 0; i < block.count(); i++) {
            bytes += block.message(i).length;
            assertThat(block.timeMillis(i) + " " + block.subject(i) + " " + block.startsAppend(i))
                    .isNotEmpty();
        }
        assertThat(bytes).isEqualTo(block.payloadBytes());
    }
}
