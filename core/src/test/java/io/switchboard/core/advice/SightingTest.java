package io.switchboard.core.advice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.switchboard.core.channel.ChannelName;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SightingTest {
    private static final ChannelName NAME = new ChannelName("a");
    private static final int SECOND = Sighting.TICKS_PER_SECOND;

    private final Sighting sighting = new Sighting(NAME, 0);

    private int now;

    private Traffic traffic() {
        return sighting.traffic(now);
    }

    @Test
    void aRateIsRightFromTheFirstMinuteOn() {
        for (int i = 0; i < 60; i++) sighting.appended(now += SECOND, false, 1, 100);
        assertThat(traffic().perHour(traffic().messages())).isCloseTo(3_600, within(60.0));
        for (int i = 0; i < 20_000; i++) sighting.appended(now += SECOND, false, 1, 100);
        assertThat(traffic().perHour(traffic().messages())).isCloseTo(3_600, within(10.0));
        assertThat(traffic().seconds()).isBetween(3_550.0, 3_600.0);
        assertThat(traffic().bytesPerMessage()).isCloseTo(100, within(0.1));
    }

    @Test
    void anHourWithoutAnythingFadesWhatWas() {
        for (int i = 0; i < 600; i++) sighting.appended(now += SECOND, true, 1, 100);
        now += 3 * 3_600 * SECOND;
        assertThat(traffic().said()).isLessThan(32);
        assertThat(traffic().perHour(traffic().said())).isLessThan(40);
    }

    @Test
    void aBurstIsOneRound() {
        for (int i = 0; i < 50; i++) sighting.appended(now, false, 2, 20);
        sighting.appended(now += 1, false, 1, 10);
        assertThat(traffic().rounds()).isCloseTo(2, within(0.01));
        assertThat(traffic().posts()).isCloseTo(51, within(0.01));
        assertThat(traffic().messages()).isCloseTo(101, within(0.01));
    }

    @Test
    void aClockThatIsSetBackLetsNoTimePass() {
        for (int i = 0; i < 100; i++) sighting.appended(now += SECOND, false, 1, 100);
        double before = traffic().messages();
        now -= 50_000;
        sighting.appended(now, false, 1, 100);
        assertThat(traffic().messages()).isCloseTo(before + 1, within(0.01));
        assertThat(traffic().seconds()).isCloseTo(100, within(2.0));
        sighting.appended(now += SECOND, false, 1, 100);
        assertThat(traffic().seconds()).isCloseTo(101, within(2.0));
    }

    @Test
    void aClockThatLeapsAheadForgetsAndStaysSensible() {
        for (int i = 0; i < 100; i++) sighting.appended(now += SECOND, false, 1, 100);
        now += 400 * 24 * 3_600 * SECOND;
        assertThat(traffic().messages()).isZero();
        assertThat(traffic().seconds()).isEqualTo(3_600);
        now = Integer.MIN_VALUE + 5; // the count of ticks begins anew, after six years
        sighting.appended(now, false, 1, 100);
        assertThat(traffic().messages()).isBetween(0.0, 1.0);
        assertThat(traffic().seconds()).isBetween(0.0, 3_600.0);
    }

    @Test
    void oneGiantMessageHardlyMovesTheMeanOfManyAndIsTold() {
        for (int i = 0; i < 10_000; i++) sighting.appended(now += 1, false, 1, 100);
        sighting.appended(now, false, 1, 64 << 20);
        assertThat(traffic().largestBytes()).isEqualTo(64 << 20);
        for (int i = 0; i < 2_000; i++) sighting.appended(now += 1, false, 1, 100);
        assertThat(traffic().bytesPerMessage()).isBetween(90.0, 300.0);
    }

    @Test
    void nobodyLeavesWhoDidNotCome() {
        sighting.held(now, Held.EVENTS, -1);
        sighting.held(now, Held.EVENTS, 1);
        sighting.held(now, Held.PACED_SOCKET, 1);
        sighting.held(now, Held.SOCKET, 1);
        sighting.held(now, Held.PACED_SOCKET, -1);
        sighting.held(now, Held.NOTHING, 1);
        assertThat(traffic().events()).isEqualTo(1);
        assertThat(traffic().sockets()).isEqualTo(1);
        assertThat(traffic().paced()).isZero();
    }

    @Test
    void theMostDemandingOfPacedReadersCounts() {
        sighting.held(now, Held.PACED_SOCKET, 1);
        sighting.asked(now, 10);
        assertThat(traffic().everySeconds()).isEqualTo(10);
        sighting.held(now, Held.PACED_SOCKET, 1);
        sighting.asked(now, 2);
        assertThat(traffic().everySeconds()).isEqualTo(2);
        sighting.held(now, Held.PACED_SOCKET, 1);
        sighting.asked(now, 10);
        assertThat(traffic().everySeconds()).isBetween(2.0, 3.0);
    }

    @Test
    void aChannelTakesLessThanAHundredBytes() {
        var thread = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        int channels = 100_000;
        List<Sighting> kept = new ArrayList<>(channels);
        kept.add(new Sighting(NAME, 0)); // loads what is needed
        long before = thread.getCurrentThreadAllocatedBytes();
        for (int i = 1; i < channels; i++) kept.add(new Sighting(NAME, 0));
        long each = (thread.getCurrentThreadAllocatedBytes() - before) / channels;
        int references = 2 * Integer.BYTES; // its place in the list of all, and the channel's own
        assertThat(each + references).isBetween(64L, 100L);
        assertThat(kept).hasSize(channels);
    }
}
