package io.switchboard.core.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LineageTest {
    // messages 1..10 in generation 4, from 11 on in generation 9
    private final Lineage lineage = Lineage.createdIn(4).continuedBy(9, 10);

    private static Offset at(long generation, long sequence) {
        return new Offset(generation, sequence);
    }

    @Test
    void aPositionIsOfTheGenerationThatWroteTheMessageBeforeIt() {
        assertThat(lineage.offsetAt(0)).isEqualTo(at(4, 0));
        assertThat(lineage.offsetAt(10)).isEqualTo(at(4, 10));
        assertThat(lineage.offsetAt(11)).isEqualTo(at(9, 11));
        assertThat(lineage.offsetAt(1_000)).isEqualTo(at(9, 1_000));
        assertThat(lineage.newest()).isEqualTo(9);
    }

    @Test
    void itKnowsItsOwnPositions() {
        assertThat(lineage.contains(at(4, 0))).isTrue();
        assertThat(lineage.contains(at(4, 10))).isTrue();
        assertThat(lineage.contains(at(9, 11))).isTrue();
    }

    @Test
    void itDoesNotKnowThoseOfALostTailOrANamesake() {
        assertThat(lineage.contains(at(4, 11))).as("lost before generation 9").isFalse();
        assertThat(lineage.contains(at(9, 10))).isFalse();
        assertThat(lineage.contains(at(3, 5)))
                .as("of a namesake that was deleted")
                .isFalse();
        assertThat(lineage.contains(at(3, 0))).isFalse();
    }

    @Test
    void aReaderOfALostTailGoesBackToWhereItWasLost() {
        assertThat(lineage.lastCommonWith(at(4, 15))).isEqualTo(at(4, 10));
        assertThat(lineage.lastCommonWith(at(7, 12)))
                .as("a generation of which nothing is left")
                .isEqualTo(at(4, 10));
    }

    @Test
    void aReaderOfANamesakeGoesBackToTheBeginning() {
        assertThat(lineage.lastCommonWith(at(3, 50))).isEqualTo(at(4, 0));
    }

    @Test
    void theSameGenerationAgainIsNoNewSpan() {
        assertThat(lineage.continuedBy(9, 20)).isSameAs(lineage);
        assertThatThrownBy(() -> lineage.continuedBy(8, 20)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aForkInheritsTheSpansOfWhatItInherits() {
        assertThat(lineage.upTo(10)).isEqualTo(Lineage.createdIn(4));
        assertThat(lineage.upTo(11)).isEqualTo(lineage);
        assertThat(lineage.upTo(0)).isEqualTo(Lineage.createdIn(4));
    }

    @Test
    void trimmingDropsSpansButNotTheEarliestPosition() {
        assertThat(lineage.from(9)).isEqualTo(lineage);
        assertThat(lineage.from(10)).as("(4, 10) is the earliest position").isEqualTo(lineage);
        assertThat(lineage.from(11).spans()).isEqualTo(1);
        assertThat(lineage.from(11).offsetAt(11)).isEqualTo(at(9, 11));
    }

    @Test
    void itIsReadBackFromItsSpans() {
        long[] generations = new long[lineage.spans()];
        long[] after = new long[lineage.spans()];
        for (int i = 0; i < lineage.spans(); i++) {
            generations[i] = lineage.generation(i);
            after[i] = lineage.after(i);
        }

        assertThat(Lineage.of(generations, after)).isEqualTo(lineage).hasSameHashCodeAs(lineage);
    }

    @Test
    void spansAscend() {
        assertThatThrownBy(() -> Lineage.of(new long[] {}, new long[] {})).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Lineage.of(new long[] {1, 2}, new long[] {0}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Lineage.of(new long[] {2, 2}, new long[] {0, 5}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Lineage.of(new long[] {1, 2}, new long[] {5, 4}))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
