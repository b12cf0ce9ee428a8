package io.switchboard.bench.claims;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** What each claim makes of figures that are known: on both sides of its thresholds. */
class VerdictsTest {
    @Test
    void framingIsJudgedEachWay() {
        Framing.Around small = new Framing.Around(1, 2, 6);
        assertThat(Framing.judge(List.of(small, new Framing.Around(65_536, 10, 10)), 40)
                        .verdict())
                .isEqualTo(Verdict.TRUE);
        assertThat(Framing.judge(List.of(small, new Framing.Around(65_536, 10, 14)), 40)
                        .verdict())
                .isEqualTo(Verdict.WITHIN_LIMITS);
        Finding wrong = Framing.judge(List.of(small, new Framing.Around(65_536, 11, 14)), 40);
        assertThat(wrong.verdict()).isEqualTo(Verdict.FALSE_HERE);
        assertThat(wrong.says()).isEqualTo("From the server 2 to 11 bytes, from a client 6 to 14 bytes.");
    }

    private static Finding heads(int http1, int repeated) {
        RequestHeads.Heads any = new RequestHeads.Heads(50, 50);
        return RequestHeads.judge(new RequestHeads.Measured(
                any, new RequestHeads.Heads(http1, 0), any, new RequestHeads.Heads(0, repeated), any, 0));
    }

    @Test
    void headersAreHundredsOfBytesFromTwoHundredOn() {
        assertThat(heads(200, 200).verdict()).isEqualTo(Verdict.TRUE);
        assertThat(heads(200, 199).verdict()).isEqualTo(Verdict.WITHIN_LIMITS);
        assertThat(heads(199, 200).verdict()).isEqualTo(Verdict.FALSE_HERE);
    }

    private static Verdict delay(double p50, double p99) {
        return PollingDelay.judge(
                        List.of(new PollingDelay.Delay(1_000, p50, p99, p99)), new PollingDelay.Delay(0, 10, 20, 30))
                .verdict();
    }

    @Test
    void theDelayOfPollingIsItsIntervalInTheMedianAtWorstOrNotAtAll() {
        assertThat(delay(910, 1_000)).isEqualTo(Verdict.TRUE);
        assertThat(delay(909, 910)).isEqualTo(Verdict.WITHIN_LIMITS);
        assertThat(delay(500, 909)).isEqualTo(Verdict.FALSE_HERE);
        assertThat(delay(500, 1_211)).isEqualTo(Verdict.FALSE_HERE);
    }

    private static Verdict cost(double requests, double pushedRequests, double bytes) {
        return PollingCost.judge(
                        new PollingCost.Way(requests, bytes, 100, OptionalDouble.empty()),
                        new PollingCost.Way(pushedRequests, 1_000, 100, OptionalDouble.of(0.01)))
                .verdict();
    }

    @Test
    void pollingIsJudgedByItsRequestsAndItsBytes() {
        assertThat(cost(100, 0, 10_000)).isEqualTo(Verdict.TRUE);
        assertThat(cost(110, 0, 9_999)).isEqualTo(Verdict.WITHIN_LIMITS);
        assertThat(cost(90, 0, 1_999)).isEqualTo(Verdict.FALSE_HERE);
        assertThat(cost(89, 0, 10_000)).isEqualTo(Verdict.FALSE_HERE);
        assertThat(cost(100, 1, 10_000)).isEqualTo(Verdict.FALSE_HERE);
    }

    private static Memory.Held held(double resident) {
        return new Memory.Held(1_000, new Memory.Use(resident, 500, 1_024), 100e6);
    }

    @Test
    void memoryIsWhatTheServerAndTheKernelKeepTogether() {
        assertThat(Memory.judge(held(19 * 1024), held(0)).verdict()).isEqualTo(Verdict.TRUE);
        assertThat(Memory.judge(held(79 * 1024), held(0)).verdict()).isEqualTo(Verdict.TRUE);
        assertThat(Memory.judge(held(19 * 1024 - 1), held(19 * 1024)).verdict()).isEqualTo(Verdict.WITHIN_LIMITS);
        assertThat(Memory.judge(held(79 * 1024 + 1), held(0)).verdict()).isEqualTo(Verdict.FALSE_HERE);
        assertThat(Memory.judge(held(Double.NaN), held(0)).verdict()).isEqualTo(Verdict.NOT_TOLD);
    }
}
