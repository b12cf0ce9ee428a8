package io.switchboard.core.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PendingTest {
    private static final int MB = 1024 * 1024;

    private final Pending pending = new Pending();

    private static Run.Slice slice(long first, int count, int bytesEach) {
        Block.Builder builder = new Block.Builder(1, first, 0);
        for (int i = 0; i < count; i++) builder.append(Payloads.one(new byte[bytesEach]), 0, null);
        return new Run.Slice(builder.build(), 0, count);
    }

    private String takeAll(int bytesMax) {
        List<String> runs = new ArrayList<>();
        while (!pending.isEmpty()) {
            Run run = pending.take(bytesMax);
            runs.add(run.firstSequence() + "-" + run.lastSequence());
        }
        assertThat(pending.bytes()).isZero();
        return String.join(" ", runs);
    }

    @Test
    void whatComesLateGoesToItsPlaceAndWhatComesTwiceCountsOnce() {
        for (long first : new long[] {3, 9, 1, 5, 3, 7, 9, 1}) pending.add(slice(first, 2, 10));
        assertThat(pending.bytes()).isEqualTo(100);
        assertThat(takeAll(1_000)).isEqualTo("1-10");
    }

    @Test
    void anyOrderIsTheSame() {
        Random random = new Random(1);
        for (int round = 0; round < 100; round++) {
            for (int i = 0; i < 60; i++) pending.add(slice(1 + 3L * random.nextInt(5), 3, 1));
            for (int i = 0; i < 5; i++) pending.add(slice(1 + 3L * i, 3, 1));
            assertThat(takeAll(MB)).isEqualTo("1-15");
        }
    }

    @Test
    void oneTakesWhatFollowsWithoutAHoleAndOnlySoMuch() {
        for (long first : new long[] {1, 2, 3, 5, 6}) pending.add(slice(first, 1, 10));
        assertThat(takeAll(20)).isEqualTo("1-2 3-3 5-6");
        pending.add(slice(7, 1, 1_000));
        pending.add(slice(8, 1, 1));
        assertThat(takeAll(20)).as("one is taken however large it is").isEqualTo("7-7 8-8");
    }

    @Test
    void theOldestAreLetGoWhereTheyAreTooMany() {
        for (int i = 1; i <= 4; i++) pending.add(slice(i, 1, MB));
        assertThat(pending.isOverflown()).isFalse();
        pending.add(slice(5, 1, MB));
        assertThat(pending.isOverflown()).isTrue();
        assertThat(pending.firstSequence()).isEqualTo(2);
        assertThat(pending.bytes()).isEqualTo(Pending.BYTES_MAX);
        pending.add(slice(6, 1, 6 * MB));
        assertThat(pending.firstSequence()).as("the newest stays").isEqualTo(6);
        pending.take(1);
        assertThat(pending.isOverflown()).isFalse();
    }

    @Test
    void whatTheLogSaysComesInThePlaceOfWhatWasHeard() {
        pending.add(slice(5, 1, 10));
        pending.add(slice(8, 2, 10));
        pending.prepend(new Run(List.of(slice(2, 3, 7), slice(5, 3, 7))));
        assertThat(pending.bytes()).isEqualTo(6 * 7 + 2 * 10);
        assertThat(takeAll(1_000)).isEqualTo("2-9");
    }
}
