package io.switchboard.server.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CapacityTest {
    private static final Cost COST = new Cost(1_000, 10_000);
    private static final Left PLENTY = new Left(1_000_000, 1L << 40, 1L << 40);

    @Test
    void eachLimitIsThoseOpenAndThoseThatStillFit() {
        Capacity capacity = new Capacity(100, 15_000, new Left(900, 5_000_000, 20_000_000), COST);
        assertThat(capacity.by(Limit.CONFIGURED)).hasValue(15_000);
        assertThat(capacity.by(Limit.FILES)).hasValue(1_000);
        assertThat(capacity.by(Limit.HEAP)).hasValue(5_100);
        assertThat(capacity.by(Limit.MACHINE)).hasValue(2_100);
        assertThat(capacity.byMemory()).hasValue(2_100);
    }

    @ParameterizedTest
    @CsvSource({
        "CONFIGURED, 1000000, 999000000000, 999000000000",
        "FILES, 9, 999000000000, 999000000000",
        "HEAP, 1000000, 9000, 999000000000",
        "MACHINE, 1000000, 999000000000, 9000"
    })
    void whatIsScarcestIsNearest(Limit nearest, long files, long heap, long machine) {
        Capacity capacity = new Capacity(10, 20, new Left(files, heap, machine), COST);
        assertThat(capacity.nearest()).isEqualTo(nearest);
        assertThat(capacity.smallest())
                .isEqualTo(capacity.by(nearest).orElseThrow())
                .isBetween(10L, 20L);
    }

    @Test
    void whatASystemDoesNotTellLimitsNothing() {
        Capacity capacity = new Capacity(10, 20, new Left(Left.UNTOLD, Left.UNTOLD, Left.UNTOLD), COST);
        assertThat(capacity.by(Limit.FILES)).isEmpty();
        assertThat(capacity.byMemory()).isEmpty();
        assertThat(capacity.smallest()).isEqualTo(20);
    }

    @Test
    void anEmptyServerUsesNothingAndAFullOneAll() {
        Left nothing = new Left(0, 0, 0);
        assertThat(new Capacity(0, 20, nothing, COST).used()).isZero();
        assertThat(new Capacity(3, 20, nothing, COST).used()).isEqualTo(1);
        assertThat(new Capacity(21, 20, PLENTY, COST).used()).isGreaterThan(1);
        assertThatThrownBy(() -> new Left(-1, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Cost(0, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    // What is said while the connections go through these numbers, one look each, of 100 that may be.
    private static List<String> said(int... open) {
        List<String> said = new ArrayList<>();
        int[] now = {0};
        CapacityWatch watch = new CapacityWatch(() -> new Capacity(now[0], 100, PLENTY, COST), said::add);
        for (int count : open) {
            now[0] = count;
            watch.look();
        }
        return said;
    }

    @Test
    void theWarningComesOnceAndAgainOnlyAfterItWasQuiet() {
        assertThat(said(0, 50, 79)).isEmpty();
        assertThat(said(79, 80, 81, 100, 79, 75, 70, 80, 99)).hasSize(1);
        assertThat(said(80, 69, 80, 69, 80)).hasSize(3);
    }

    @Test
    void theWarningSaysHowMuchOfWhatAndWhatToRaise() {
        assertThat(said(85))
                .containsExactly(
                        "85 connections are open, 85 % of the 100 that limits.connections allows; one more is"
                                + " answered 503. Raise it, and the files this process may open to 2,000 more, or add a server.");
        List<String> said = new ArrayList<>();
        new CapacityWatch(() -> new Capacity(900, 15_000, new Left(100, 1L << 40, 1L << 40), COST), said::add).look();
        assertThat(said)
                .singleElement()
                .asString()
                .startsWith("900 connections are open, 90 % of the 1,000 that this process may open files for")
                .contains("LimitNOFILE");
        said.clear();
        new CapacityWatch(() -> new Capacity(900, 15_000, new Left(9_000, 100_000, 1L << 40), COST), said::add).look();
        assertThat(said).singleElement().asString().contains("of the 1,000 that there is heap for", "-Xmx");
    }

    @Test
    void thisProcessHasSomethingLeft() {
        Left left = Means.left();
        assertThat(left.files()).isPositive();
        assertThat(left.heapBytes()).isPositive();
        assertThat(left.machineBytes()).isPositive();
        long open = Means.openFiles().orElse(1);
        assertThat(open).isPositive();
        assertThat(Means.filesMax().orElse(Long.MAX_VALUE)).isGreaterThanOrEqualTo(open);
    }
}
