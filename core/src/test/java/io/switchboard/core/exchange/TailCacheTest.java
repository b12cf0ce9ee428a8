package io.switchboard.core.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Run;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TailCacheTest {
    private final TailCache.Tape tape = new TailCache.Tape();
    private final TailCache.Tape other = new TailCache.Tape();

    private static Block block(long firstSequence, int messages) {
        Block.Builder builder = new Block.Builder(1, firstSequence, 0);
        for (int i = 0; i < messages; i++) {
            builder.append(Payloads.one("0123456789".getBytes(StandardCharsets.US_ASCII)), 0, null);
        }
        return builder.build();
    }

    private static long cost(int blocks) {
        return blocks * (block(1, 1).bytes().length + 128L);
    }

    @Test
    void messagesAreFoundFromTheFirstCachedOneOn() {
        TailCache cache = new TailCache(1 << 20);
        cache.add(tape, block(5, 2));
        cache.add(tape, block(7, 3));

        assertThat(tape.after(3, 1000)).as("message 4 is not here").isNull();
        assertThat(tape.after(4, 1000))
                .extracting(Run::firstSequence, Run::lastSequence)
                .containsExactly(5L, 9L);
        assertThat(tape.after(5, 1000))
                .extracting(Run::firstSequence, Run::lastSequence)
                .containsExactly(6L, 9L);
        assertThat(tape.after(8, 1000))
                .extracting(Run::firstSequence, Run::lastSequence)
                .containsExactly(9L, 9L);
        assertThat(tape.after(9, 1000)).as("nothing behind the newest").isNull();
    }

    @Test
    void whatOthersAppendedMeanwhileIsKnownToBeMissing() {
        TailCache cache = new TailCache(1 << 20);
        assertThat(tape.reaches(1)).isFalse();
        cache.add(tape, block(5, 2));
        assertThat(tape.reaches(6)).isTrue();
        assertThat(tape.reaches(7)).isFalse();
    }

    @Test
    void aRunIsCutToTheAskedBytesButHoldsOneMessageAtLeast() {
        TailCache cache = new TailCache(1 << 20);
        cache.add(tape, block(1, 3));
        cache.add(tape, block(4, 3));

        assertThat(tape.after(0, 40)).extracting(Run::lastSequence).isEqualTo(4L);
        assertThat(tape.after(2, 1))
                .extracting(Run::firstSequence, Run::lastSequence)
                .containsExactly(3L, 3L);
    }

    @Test
    void theBlockThatCameFirstGoesFirstWhicheverChannelItIsOf() {
        TailCache cache = new TailCache(cost(2));
        cache.add(tape, block(1, 1));
        cache.add(other, block(1, 1));
        cache.add(other, block(2, 1));

        assertThat(tape.isEmpty()).isTrue();
        assertThat(other.after(0, 1000)).isNotNull();
        assertThat(cache.bytes()).isEqualTo(cost(2));
    }

    @Test
    void aHoleEmptiesTheTape() {
        TailCache cache = new TailCache(1 << 20);
        cache.add(tape, block(1, 1));
        cache.add(tape, block(3, 1));

        assertThat(tape.after(0, 1000)).isNull();
        assertThat(tape.after(2, 1000)).isNotNull();
        assertThat(cache.blocks()).isEqualTo(1);
    }

    @Test
    void aBlockGreaterThanTheBudgetIsNotKept() {
        TailCache cache = new TailCache(10);
        cache.add(tape, block(1, 1));

        assertThat(tape.isEmpty()).isTrue();
        assertThat(cache.bytes()).isZero();
    }

    @Test
    void clearedChannelsLeaveNothingBehind() {
        TailCache cache = new TailCache(1 << 20);
        for (int i = 0; i < 10_000; i++) {
            TailCache.Tape brief = new TailCache.Tape();
            cache.add(brief, block(1, 1));
            cache.clear(brief);
        }

        assertThat(cache.blocks()).isZero();
        assertThat(cache.bytes()).isZero();
    }

    @Test
    void aClearedTapeThatFillsAnewKeepsItsPlaceInTheOrder() {
        TailCache cache = new TailCache(cost(2));
        cache.add(tape, block(1, 1));
        cache.clear(tape);
        cache.add(other, block(1, 1));
        cache.add(tape, block(2, 1));
        cache.add(tape, block(3, 1));

        assertThat(other.isEmpty()).as("the oldest goes").isTrue();
        assertThat(tape.after(1, 1000)).as("not what came after it").isNotNull();
    }
}
