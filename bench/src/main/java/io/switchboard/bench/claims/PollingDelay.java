package io.switchboard.bench.claims;

import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.Text;
import io.switchboard.bench.Transport;
import io.switchboard.bench.Trial;
import io.switchboard.bench.own.OwnServer;
import java.util.ArrayList;
import java.util.List;

/** How much later than pushed a message is that is polled for. */
final class PollingDelay {
    private static final int VIEWERS = 50;
    private static final double RATE = 20;
    private static final int SIZE = 128;
    private static final double WHOLE = 0.9;
    private static final double TOO_MUCH = 1.2;

    static final Claim CLAIM = new Claim(
            "polling-delay",
            "The delay that polling adds is its interval.",
            "Said to choose an interval: who polls each five seconds is five seconds behind.",
            "Of each interval the delay beyond a WebSocket's is taken. True if the median is " + WHOLE + " to "
                    + TOO_MUCH + " intervals; true within limits if only the p99 is; else false.",
            VIEWERS + " viewers, " + Text.rate(RATE)
                    + " messages a second, polled at two intervals, then pushed over WebSockets. The viewers' polls"
                    + " are spread evenly over the interval. Delays are from the moment a message was due to be published to its arrival.",
            "A network, whose way there and back comes on top of a poll, and half of it on top of a push; and a server that is slow to answer.",
            35,
            false,
            PollingDelay::measure);

    private PollingDelay() {}

    /** In milliseconds. */
    record Delay(double everyMillis, double p50, double p99, double max) {}

    private static Finding measure(Stage stage) throws BenchFailure {
        try (OwnServer own = stage.uncompressed(false, 2 * VIEWERS + 10)) {
            stage.warmUp(own, Stage.load(Transport.POLL, 0.2, VIEWERS, RATE, SIZE));
            List<Delay> polled = new ArrayList<>();
            for (double every : stage.quick() ? List.of(0.2, 0.4) : List.of(0.5, 2.0)) {
                Trial.Load load = Stage.load(Transport.POLL, every, VIEWERS, RATE, SIZE);
                polled.add(delay(every, stage.trial(own, "polling each " + every + " s", load, stage.pick(10, 2))));
            }
            Trial.Load load = Stage.load(Transport.WEBSOCKET, 1, VIEWERS, RATE, SIZE);
            return judge(polled, delay(0, stage.trial(own, "pushing", load, stage.pick(5, 1))));
        }
    }

    private static Delay delay(double everySeconds, Trial.Outcome outcome) throws BenchFailure {
        Trial.Delays delays = outcome.delays();
        if (delays.count() == 0) throw BenchFailure.failed("No message came to the viewers.");
        return new Delay(everySeconds * 1e3, delays.p50() / 1e6, delays.p99() / 1e6, delays.max() / 1e6);
    }

    static Finding judge(List<Delay> polled, Delay pushed) {
        List<Measure> measures = new ArrayList<>();
        for (Delay each : polled) {
            String label = "polled each " + Text.rate(each.everyMillis()) + " ms, ";
            measures.add(new Measure(label + "p50", each.p50(), Unit.MILLIS));
            measures.add(new Measure(label + "p99", each.p99(), Unit.MILLIS));
            measures.add(new Measure(label + "longest", each.max(), Unit.MILLIS));
        }
        measures.add(new Measure("pushed, p50", pushed.p50(), Unit.MILLIS));
        measures.add(new Measure("pushed, p99", pushed.p99(), Unit.MILLIS));
        boolean median = polled.stream().allMatch(each -> isInterval(each.p50() - pushed.p50(), each));
        boolean worst = polled.stream().allMatch(each -> isInterval(each.p99() - pushed.p50(), each));
        Verdict verdict = median ? Verdict.TRUE : worst ? Verdict.WITHIN_LIMITS : Verdict.FALSE_HERE;
        Delay last = polled.getLast();
        return new Finding(
                verdict,
                String.format(
                        java.util.Locale.ROOT,
                        "Of an interval of %,.0f ms the median message waits %.2f and the slowest hundredth %.2f or more.",
                        last.everyMillis(),
                        (last.p50() - pushed.p50()) / last.everyMillis(),
                        (last.p99() - pushed.p50()) / last.everyMillis()),
                measures);
    }

    private static boolean isInterval(double addedMillis, Delay of) {
        double share = addedMillis / of.everyMillis();
        return share >= WHOLE && share <= TOO_MUCH;
    }
}
