package io.switchboard.bench.claims;

import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.Text;
import io.switchboard.bench.Transport;
import io.switchboard.bench.Trial;
import io.switchboard.bench.own.OwnServer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** What it takes to ask for what seldom changes. */
final class PollingCost {
    private static final int VIEWERS = 100;
    private static final double RATE = 0.2;
    private static final int SIZE = 128;
    private static final double REQUESTS_MIN = 90;
    private static final double REQUESTS_MAX = 110;
    private static final double BYTES_TIMES = 10;
    private static final double BYTES_TIMES_SOME = 2;

    static final Claim CLAIM = new Claim(
            "polling-cost",
            "100 viewers who poll every second make 100 requests a second, where one pushed update would do.",
            "The reckoning that is made of every dashboard: most of what is asked is answered with nothing new.",
            "True if polling makes " + Text.rate(REQUESTS_MIN) + " to " + Text.rate(REQUESTS_MAX)
                    + " requests a second, pushing none, and polling moves " + Text.rate(BYTES_TIMES)
                    + " times the bytes or more; true within limits if it is " + Text.rate(BYTES_TIMES_SOME)
                    + " times.",
            VIEWERS + " viewers and an update of " + SIZE
                    + " bytes each five seconds: polled every second with the fields of a browser's"
                    + " requests, then over WebSockets. Bytes are those of TCP both ways with its heads and IP's; processor is the server's, all of it.",
            "A cache between viewers and server, which answers many polls with one request (docs/compare.md); and that one update is still sent to"
                    + " each viewer: it is one for the publisher, not for the network.",
            37,
            false,
            PollingCost::measure);

    private PollingCost() {}

    /** @param processors of the server; empty where unknown */
    record Way(
            double requestsPerSecond, double bytesPerSecond, double deliveriesPerUpdate, OptionalDouble processors) {}

    private static Finding measure(Stage stage) throws BenchFailure {
        int seconds = stage.pick(15, 5);
        try (OwnServer own = stage.uncompressed(false, 2 * VIEWERS + 10)) {
            stage.warmUp(own, Stage.load(Transport.POLL, 0.2, VIEWERS, 20, SIZE));
            stage.warmUp(own, Stage.load(Transport.WEBSOCKET, 1, VIEWERS, 100, SIZE));
            Way polled = way(stage.trial(own, "polling", Stage.load(Transport.POLL, 1, VIEWERS, RATE, SIZE), seconds));
            Way pushed =
                    way(stage.trial(own, "pushing", Stage.load(Transport.WEBSOCKET, 1, VIEWERS, RATE, SIZE), seconds));
            return judge(polled, pushed);
        }
    }

    private static Way way(Trial.Outcome outcome) {
        return new Way(
                outcome.traffic().requests() / outcome.seconds(),
                outcome.traffic().bytes() / outcome.seconds(),
                outcome.published() == 0 ? 0 : (double) outcome.delivered() / outcome.published(),
                outcome.processors());
    }

    static Finding judge(Way polled, Way pushed) {
        double times = polled.bytesPerSecond() / Math.max(1, pushed.bytesPerSecond());
        boolean asked = polled.requestsPerSecond() >= REQUESTS_MIN
                && polled.requestsPerSecond() <= REQUESTS_MAX
                && pushed.requestsPerSecond() == 0;
        Verdict verdict = asked && times >= BYTES_TIMES
                ? Verdict.TRUE
                : asked && times >= BYTES_TIMES_SOME ? Verdict.WITHIN_LIMITS : Verdict.FALSE_HERE;
        List<Measure> measures = new ArrayList<>();
        add(measures, "polled: ", polled);
        add(measures, "pushed: ", pushed);
        measures.add(new Measure("deliveries of one pushed update", pushed.deliveriesPerUpdate(), Unit.COUNT));
        measures.add(new Measure("bytes polled to bytes pushed", times, Unit.TIMES));
        return new Finding(
                verdict,
                Text.rate(polled.requestsPerSecond()) + " requests a second and " + Unit.TIMES.text(times)
                        + " the bytes of pushing, which sends " + Text.rate(pushed.deliveriesPerUpdate())
                        + " frames for an update.",
                measures);
    }

    private static void add(List<Measure> measures, String who, Way way) {
        measures.add(new Measure(who + "requests a second", way.requestsPerSecond(), Unit.PER_SECOND));
        measures.add(Measure.bytes(who + "bytes a second", way.bytesPerSecond()));
        way.processors()
                .ifPresent(used -> measures.add(
                        new Measure(who + "processor of the server, in a second", used * 1e6, Unit.MICROS)));
    }
}
