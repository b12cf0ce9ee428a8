package io.switchboard.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.Lineage;
import io.switchboard.core.channel.Offset;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The format in which messages are stored, at its far ends. */
class BlockFormatTest {
    private static final long FAR = 1L << 52;

    private static Block.Builder far() {
        return new Block.Builder(FAR + 7, FAR, FAR * 2)
                .append(Asking.payloads("a", "", "ccc"), 1_700_000_000_000L, "alice")
                .append(Asking.payloads("dd"), 1_700_000_000_001L, null)
                .append(Asking.payloads("e"), 1_700_000_000_002L, "alice");
    }

    @Test
    void aBlockFarBeyond32BitsReadsBackAsWritten() {
        Block block = Block.of(far().build().bytes());
        assertThat(block.generation()).isEqualTo(FAR + 7);
        assertThat(block.firstSequence()).isEqualTo(FAR);
        assertThat(block.lastOffset()).isEqualTo(new Offset(FAR + 7, FAR + 4));
        assertThat(block.bytesBefore()).isEqualTo(FAR * 2);
        assertThat(block.payloadBytes()).isEqualTo(7);
        assertThat(block.message(2)).asString().isEqualTo("ccc");
        assertThat(block.message(1)).isEmpty();
        assertThat(block.subject(2)).isEqualTo("alice");
        assertThat(block.subject(3)).isNull();
        assertThat(block.timeMillis(4)).isEqualTo(1_700_000_000_002L);
        assertThat(block.startsAppend(2)).isFalse();
        assertThat(block.startsAppend(3)).isTrue();
    }

    @Test
    void copyingPartsKeepsTheirAppends() {
        Block block = far().build();
        Block tail = new Block.Builder(block.generation(), FAR + 2, block.bytesBefore() + 1)
                .copy(block, 2, 5)
                .build();
        Block again = Block.of(tail.bytes());
        assertThat(again.firstSequence()).isEqualTo(FAR + 2);
        assertThat(again.message(0)).asString().isEqualTo("ccc");
        assertThat(again.startsAppend(0)).isFalse();
        assertThat(again.startsAppend(1)).isTrue();
        assertThat(again.subject(2)).isEqualTo("alice");
        assertThat(again.timeMillis(1)).isEqualTo(1_700_000_000_001L);
    }

    @Test
    void damagedBytesAreRefusedOrReadWithoutLeavingTheArray() {
        byte[] good = far().build().bytes();
        Random random = new Random(42);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = good.clone();
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            Block block;
            try {
                block = Block.of(bytes);
            } catch (IllegalArgumentException refused) {
                continue;
            }
            for (int m = 0; m < block.count(); m++) assertThat(block.message(m)).isNotNull();
        }
        assertThatThrownBy(() -> Block.of(new byte[10])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aLineageFarBeyond32BitsNamesItsOffsets() {
        Lineage lineage = Lineage.createdIn(FAR).continuedBy(FAR + 1_000_000, FAR * 2);
        assertThat(lineage.offsetAt(FAR * 2)).isEqualTo(new Offset(FAR, FAR * 2));
        assertThat(lineage.offsetAt(FAR * 2 - 1)).isEqualTo(new Offset(FAR, FAR * 2 - 1));
        Lineage fork = lineage.upTo(5).continuedBy(FAR + 2_000_000, 5);
        assertThat(fork.offsetAt(6)).isEqualTo(new Offset(FAR + 2_000_000, 6));
        assertThat(fork.contains(new Offset(FAR + 1_000_000, 6))).isFalse();
        assertThat(fork.contains(new Offset(FAR, 5))).isTrue();
        assertThat(Offset.parse(fork.offsetAt(6).toString())).isEqualTo(fork.offsetAt(6));
    }
}
