package io.switchboard.bench.claims;

import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.Text;
import io.switchboard.bench.Transport;
import io.switchboard.bench.Trial;
import io.switchboard.bench.own.OwnServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Whether what changes a hundred times a second can be polled for. */
final class PollingRate {
    private static final int VIEWERS = 20;
    private static final int SIZE = 128;
    private static final double RATE = 100;
    private static final double SLOW_EVERY = 1;
    private static final double FAST_EVERY = 1 / RATE;
    private static final double LATE_TIMES = 10;

    private static final String PATH = "/v1/stream/claims/symbol";

    static final Claim CLAIM = new Claim(
            "polling-rate",
            "With 10 to 100 updates a second for a symbol polling cannot keep up.",
            "Said of prices: who polls misses most of them, or asks as often as they change.",
            "True if a poll with an offset misses updates; true within limits if it gets all, but at one poll a second the median update is "
                    + Text.rate(LATE_TIMES) + " times as late as a pushed one or more; else false.",
            "A symbol with " + Text.rate(RATE)
                    + " updates a second. One reader asks for the newest (`?last=1`) each second and another for all since its"
                    + " last (`?offset=`), side by side: how many of the updates each saw. Then " + VIEWERS
                    + " viewers poll with offsets each second, then as often as it changes, then are pushed over WebSockets. Processor is the"
                    + " server's, publishing with it.",
            "Thousands of symbols a viewer, where a poll that asks for many of them at once does better than one for each; and whoever wants the newest"
                    + " only, who misses nothing that he wants.",
            43,
            false,
            PollingRate::measure);

    private PollingRate() {}

    /** How many of the updates were seen by who asks for the newest, and by who asks for all since his last. */
    record Seen(int published, int newest, int since) {}

    /** @param processors of the server; empty where unknown */
    record Way(double p50Millis, double p99Millis, double requestsEach, long lost, OptionalDouble processors) {}

    private static Finding measure(Stage stage) throws BenchFailure, IOException {
        try (OwnServer own = stage.uncompressed(false, 2 * VIEWERS + 10)) {
            stage.warmUp(own, Stage.load(Transport.POLL, 0.05, VIEWERS, RATE, SIZE));
            stage.warmUp(own, Stage.load(Transport.WEBSOCKET, 1, VIEWERS, RATE, SIZE));
            stage.say("the newest, and all since the last");
            Seen seen = seen(stage, own);
            int seconds = stage.pick(10, 2);
            Way slow = way(stage.trial(
                    own, "polling each second", Stage.load(Transport.POLL, SLOW_EVERY, VIEWERS, RATE, SIZE), seconds));
            Way fast = way(stage.trial(
                    own, "polling at the rate", Stage.load(Transport.POLL, FAST_EVERY, VIEWERS, RATE, SIZE), seconds));
            Way pushed =
                    way(stage.trial(own, "pushing", Stage.load(Transport.WEBSOCKET, 1, VIEWERS, RATE, SIZE), seconds));
            return judge(seen, slow, fast, pushed);
        }
    }

    /** Publishes at the rate, and has two readers ask each second. */
    private static Seen seen(Stage stage, OwnServer own) throws BenchFailure, IOException {
        int published = (int) (stage.pick(5, 2) * RATE);
        int every = (int) (SLOW_EVERY * RATE);
        try (Talks talks = Talks.with(own);
                Talk publisher = talks.publisher();
                Talk reader = talks.open()) {
            publisher.send("PUT", PATH, "");
            String next = "-1";
            int newest = 0;
            int since = 0;
            long began = System.nanoTime();
            for (int i = 1; i <= published; i++) {
                long due = began + (long) (i / RATE * 1e9);
                stage.pause((due - System.nanoTime()) / 1_000_000);
                Talk.Reply taken = publisher.send("POST", PATH, "[" + i + "]");
                if (taken.status() / 100 != 2) throw new IOException("The server answers " + taken.status() + ".");
                if (i % every != 0) continue;
                newest += count(reader.get(PATH + "?last=1", ""));
                Talk.Reply all = reader.get(PATH + "?offset=" + next, "");
                since += count(all);
                next = all.field("stream-next-offset").orElse(next);
            }
            return new Seen(published, newest, since);
        }
    }

    /** Messages of a JSON array of numbers. */
    private static int count(Talk.Reply reply) {
        String body = reply.body().strip();
        if (reply.status() != 200 || body.length() < 3) return 0;
        return 1 + (int) body.chars().filter(c -> c == ',').count();
    }

    private static Way way(Trial.Outcome outcome) {
        return new Way(
                outcome.delays().p50() / 1e6,
                outcome.delays().p99() / 1e6,
                outcome.traffic().requests() / outcome.seconds() / VIEWERS,
                outcome.lost() + outcome.late(),
                outcome.processors());
    }

    static Finding judge(Seen seen, Way slow, Way fast, Way pushed) {
        boolean missed = seen.since() < seen.published() || slow.lost() > 0;
        boolean late = slow.p50Millis() >= LATE_TIMES * pushed.p50Millis();
        Verdict verdict = missed ? Verdict.TRUE : late ? Verdict.WITHIN_LIMITS : Verdict.FALSE_HERE;
        List<Measure> measures = new ArrayList<>();
        measures.add(new Measure("updates published", seen.published(), Unit.COUNT));
        measures.add(new Measure("seen by who asks for the newest each second", seen.newest(), Unit.COUNT));
        measures.add(new Measure("seen by who asks for all since his last", seen.since(), Unit.COUNT));
        add(measures, "polled each second: ", slow);
        add(measures, "polled as often as it changes: ", fast);
        add(measures, "pushed: ", pushed);
        return new Finding(
                verdict,
                "Of " + Text.count(seen.published()) + " updates a poll each second saw " + Text.count(seen.since())
                        + " with an offset and " + Text.count(seen.newest()) + " without. They are "
                        + Unit.MILLIS.text(slow.p50Millis()) + " late; with " + Text.rate(fast.requestsEach())
                        + " requests a second for each viewer " + Unit.MILLIS.text(fast.p50Millis()) + ", pushed "
                        + Unit.MILLIS.text(pushed.p50Millis()) + ".",
                measures);
    }

    private static void add(List<Measure> measures, String who, Way way) {
        measures.add(new Measure(who + "delay p50", way.p50Millis(), Unit.MILLIS));
        measures.add(new Measure(who + "delay p99", way.p99Millis(), Unit.MILLIS));
        measures.add(new Measure(who + "requests of each viewer", way.requestsEach(), Unit.PER_SECOND));
        measures.add(new Measure(who + "lost", (double) way.lost(), Unit.COUNT));
        way.processors()
                .ifPresent(
                        used -> measures.add(new Measure(who + "processor of the server, of one", used, Unit.SHARE)));
    }
}
