package io.switchboard.core.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class RunTest {
    // messages 3, 4, 5 of 10 bytes each, then 6, 7 of 10 and 1,000
    private final Run run = Run.of(List.of(block(3, 10, 10, 10), block(6, 10, 1_000)));

    private static Block block(long firstSequence, int... sizes) {
        Block.Builder builder = new Block.Builder(2, firstSequence, 0);
        for (int size : sizes) builder.append(Payloads.one(new byte[size]), 0, null);
        return builder.build();
    }

    private static long[] ends(Run run) {
        return new long[] {run.firstSequence(), run.lastSequence()};
    }

    @Test
    void itKnowsItsEnds() {
        assertThat(ends(run)).containsExactly(3, 7);
        assertThat(run.count()).isEqualTo(5);
        assertThat(run.payloadBytes()).isEqualTo(1_040);
        assertThat(run.lastOffset()).isEqualTo(new Offset(2, 7));
    }

    @Test
    void itIsCutAtAnyMessage() {
        for (long after = 2; after < 7; after++) {
            for (long through = after + 1; through <= 7; through++) {
                Run cut = run.between(after, through);
                assertThat(ends(cut)).containsExactly(after + 1, through);
                assertThat(cut.count()).isEqualTo(through - after);
            }
        }
    }

    @Test
    void nothingIsCutWhereNothingLiesOutside() {
        assertThat(run.after(0)).isSameAs(run);
        assertThat(run.between(1, 7)).isSameAs(run);
    }

    @Test
    void aRunWithoutMessagesIsNone() {
        assertThatThrownBy(() -> run.after(7)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> run.between(4, 4)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Run(List.of())).isInstanceOf(IllegalArgumentException.class);
        Block block = block(1, 1);
        assertThatThrownBy(() -> new Run.Slice(block, 1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Run.Slice(block, 0, 2)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void itHoldsAsManyBytesAsAskedButOneMessageAtLeast() {
        assertThat(run.upToBytes(0)).extracting(RunTest::ends).isEqualTo(new long[] {3, 3});
        assertThat(run.upToBytes(19)).extracting(RunTest::ends).isEqualTo(new long[] {3, 3});
        assertThat(run.upToBytes(20)).extracting(RunTest::ends).isEqualTo(new long[] {3, 4});
        assertThat(run.upToBytes(30)).extracting(RunTest::ends).isEqualTo(new long[] {3, 5});
        assertThat(run.upToBytes(1_039)).extracting(RunTest::ends).isEqualTo(new long[] {3, 6});
        assertThat(run.upToBytes(1_040)).isSameAs(run);
        assertThat(run.after(6).upToBytes(1)).extracting(RunTest::ends).isEqualTo(new long[] {7, 7});
    }

    @Test
    void emptyMessagesCount() {
        Run empty = Run.of(block(1, 0, 0));

        assertThat(empty.payloadBytes()).isZero();
        assertThat(ends(empty.upToBytes(1))).containsExactly(1, 2);
        assertThat(ends(empty.after(1))).containsExactly(2, 2);
    }
}
