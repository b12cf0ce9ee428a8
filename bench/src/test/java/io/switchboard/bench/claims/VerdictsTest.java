package io.switchboard.bench.claims;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
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
                2, any, new RequestHeads.Heads(http1, 0), any, new RequestHeads.Heads(0, repeated), any, 0));
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

    private static Verdict rate(int since, double slowMillis) {
        PollingRate.Way pushed = new PollingRate.Way(2, 5, 0, 0, OptionalDouble.empty());
        PollingRate.Way slow = new PollingRate.Way(slowMillis, 2 * slowMillis, 1, 0, OptionalDouble.empty());
        return PollingRate.judge(new PollingRate.Seen(500, 5, since), slow, slow, pushed)
                .verdict();
    }

    @Test
    void whoPollsKeepsUpIfNothingIsMissedAndNothingIsMuchLater() {
        assertThat(rate(499, 1)).isEqualTo(Verdict.TRUE);
        assertThat(rate(500, 20)).isEqualTo(Verdict.WITHIN_LIMITS);
        assertThat(rate(500, 19.9)).isEqualTo(Verdict.FALSE_HERE);
    }

    private static Verdict herd(int peak, double p99) {
        return Herd.judge(2_000, 1, new Herd.Return(peak, 3, 0, 1, p99, 2 * p99), new Herd.Return(100, 8, 0, 1, 10, 20))
                .verdict();
    }

    @Test
    void aHerdIsJudgedByItsPeakAndByWhatOthersFeelOfIt() {
        assertThat(herd(300, 30)).isEqualTo(Verdict.TRUE);
        assertThat(herd(299, 30)).isEqualTo(Verdict.WITHIN_LIMITS);
        assertThat(herd(300, 29)).isEqualTo(Verdict.WITHIN_LIMITS);
        assertThat(herd(299, 29)).isEqualTo(Verdict.FALSE_HERE);
    }

    private static Verdict proxy(double quietSocket, double quietEvents, double steadyEvents) {
        return ProxyTimeout.judge(
                        new ProxyTimeout.Fates(new ProxyTimeout.Fate(0, 2), new ProxyTimeout.Fate(steadyEvents, 2)),
                        new ProxyTimeout.Fates(
                                new ProxyTimeout.Fate(quietSocket, 0), new ProxyTimeout.Fate(quietEvents, 0)))
                .verdict();
    }

    @Test
    void aProxyEndsWhatIsQuietAndNothingElse() {
        assertThat(proxy(60, 64.9, 0)).isEqualTo(Verdict.TRUE);
        assertThat(proxy(60, 0, 0)).isEqualTo(Verdict.WITHIN_LIMITS);
        assertThat(proxy(60, 60, 60)).isEqualTo(Verdict.WITHIN_LIMITS);
        assertThat(proxy(0, 66, 0)).isEqualTo(Verdict.FALSE_HERE);
        Finding fine = ProxyTimeout.judge(
                new ProxyTimeout.Fates(new ProxyTimeout.Fate(0, 2), new ProxyTimeout.Fate(0, 2)),
                new ProxyTimeout.Fates(new ProxyTimeout.Fate(60, 0), new ProxyTimeout.Fate(60.5, 0)));
        assertThat(fine.says())
                .isEqualTo("Without heartbeats: WebSocket ended after 60 s, event stream ended after 60.5 s. With them:"
                        + " WebSocket stood for 70 s, event stream stood for 70 s.");
    }

    private static Compression.Kept kept(double more) {
        return new Compression.Kept(100, new Memory.Use(1_024, 500, 0), new Memory.Use(1_024 + more, 500, 0));
    }

    private static Verdict compression(double deflated, double compressed, double kept) {
        return Compression.judge(
                        List.of(
                                new Compression.Size(128, 130, 130, 0, 10, 0),
                                new Compression.Size(1_000, 1_004, deflated, compressed, 10, 20)),
                        kept(kept))
                .verdict();
    }

    private static Compression.Size halved(double micros) {
        return new Compression.Size(1_000, 1_000, 500, 1, 10, micros);
    }

    @Test
    void compressionIsJudgedByWhatItTouches() {
        assertThat(compression(502, 1, 16 * 1024)).isEqualTo(Verdict.TRUE);
        assertThat(compression(502, 1, 16 * 1024 - 1)).isEqualTo(Verdict.WITHIN_LIMITS);
        assertThat(compression(503, 1, 16 * 1024)).isEqualTo(Verdict.FALSE_HERE);
        assertThat(Compression.judge(List.of(halved(10)), kept(99_999)).verdict())
                .isEqualTo(Verdict.WITHIN_LIMITS);
        assertThat(Compression.judge(List.of(halved(11)), kept(99_999)).verdict())
                .isEqualTo(Verdict.TRUE);
        assertThat(compression(502, 0, 16 * 1024)).isEqualTo(Verdict.FALSE_HERE);
    }

    @Test
    void whatIsCompressedHasTheSizeThatItIsSaidToHave() {
        Random random = new Random(1);
        for (int size : List.of(128, 512, 2_048, 16_384)) {
            assertThat(Compression.quotes(random, size))
                    .hasSize(size)
                    .startsWith("{")
                    .endsWith("}");
        }
    }

    private static Handshakes.Costs costs(double kept, double socket) {
        Handshakes.Cost each = new Handshakes.Cost(socket, 2_000, 100);
        return new Handshakes.Costs(new Handshakes.Cost(kept, 1_000, 50), each, each, Optional.empty());
    }

    @Test
    void aHandshakeCostsMoreFromTwiceTheTimeOn() {
        assertThat(Handshakes.judge(costs(1, 2), costs(1, 2)).verdict()).isEqualTo(Verdict.TRUE);
        assertThat(Handshakes.judge(costs(1, 1.9), costs(1, 2)).verdict()).isEqualTo(Verdict.WITHIN_LIMITS);
        assertThat(Handshakes.judge(costs(1, 2), costs(1, 1.9)).verdict()).isEqualTo(Verdict.FALSE_HERE);
    }
}
