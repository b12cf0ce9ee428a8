package io.switchboard.bench.claims;

import io.switchboard.bench.Bench;
import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.Text;
import io.switchboard.bench.own.OwnServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** What happens when all connections are cut off at once, and all clients come back. */
final class Herd {
    private static final int CLIENTS = 2_000;
    private static final String PATH = "/v1/stream/claims/herd";
    /** What the backoff of our clients has come to after three attempts: a second, doubled thrice. */
    private static final int WINDOW_MILLIS = 8_000;

    private static final int BIN_MILLIS = 100;
    private static final double TIMES = 3;
    private static final long BACK_SECONDS_MAX = 40;

    static final Claim CLAIM = new Claim(
            "herd",
            "Clients that are all cut off and come back at once overwhelm the server; jitter prevents it.",
            "The thundering herd, why reconnecting is done after a random wait.",
            "True if without jitter the most handshakes that end within " + BIN_MILLIS
                    + " ms and the slowest hundredth of a healthy viewer's echoes are both " + Text.rate(TIMES)
                    + " times as high as with it or more; true within limits if only one of them is; else false.",
            Text.count(CLIENTS)
                    + " WebSockets over TLS are reset by their clients all at once, as when what stands in between dies; each comes back at once, or"
                    + " after a random part of " + WINDOW_MILLIS / 1_000
                    + " s. Meanwhile a viewer who was not cut off sends a message to `?echo` each 10 ms: its delays are from when it was due until it is back.",
            "Clients and server share this machine, and half of the work of a handshake is the client's, so a machine of its own takes a larger herd; a"
                    + " server that was gone itself, where attempts fail first (docs/reliability.md).",
            26,
            false,
            Herd::measure);

    private Herd() {}

    /**
     * @param peak most handshakes that were done within a tenth of a second
     * @param allBackSeconds from the cut until the last was back
     * @param failed attempts that failed
     * @param p99Millis of the healthy viewer, from the cut until all were back
     */
    record Return(int peak, double allBackSeconds, int failed, double p50Millis, double p99Millis, double maxMillis) {}

    private static Finding measure(Stage stage) throws BenchFailure, IOException {
        int count = stage.pick(CLIENTS, 100);
        Bench.checkFiles(2 * count);
        try (OwnServer own = stage.server(true, 3 * count, Map.of());
                Talks talks = Talks.with(own);
                Talks apart = Talks.with(own)) { // whose event loop the crowd does not share
            try (Talk first = talks.publisher()) {
                first.send("PUT", PATH, "");
            }
            try (Crowd crowd = new Crowd(talks, count);
                    Healthy healthy = new Healthy(apart)) {
                stage.say("connecting " + Text.count(count) + " clients");
                crowd.comeBack(stage, count); // the handshakes compile the code too
                stage.pause(500);
                healthy.take();
                stage.pause(stage.pick(2_000, 500));
                Histogram quiet = healthy.take();
                Return atOnce = herd(stage, crowd, healthy, 0);
                stage.pause(1_000);
                Return spread = herd(stage, crowd, healthy, stage.pick(WINDOW_MILLIS, 1_000));
                return judge(count, quiet.getValueAtPercentile(99) / 1e6, atOnce, spread);
            }
        }
    }

    private static Return herd(Stage stage, Crowd crowd, Healthy healthy, int windowMillis) throws BenchFailure {
        stage.say(
                windowMillis == 0 ? "all come back at once" : "all come back within " + windowMillis / 1_000.0 + " s");
        crowd.cut();
        healthy.take();
        crowd.comeBack(stage, windowMillis);
        Histogram delays = healthy.take();
        return new Return(
                crowd.peak(),
                crowd.allBackSeconds(),
                crowd.failed(),
                delays.getValueAtPercentile(50) / 1e6,
                delays.getValueAtPercentile(99) / 1e6,
                delays.getMaxValue() / 1e6);
    }

    static Finding judge(int clients, double quietP99Millis, Return atOnce, Return spread) {
        boolean peak = atOnce.peak() >= TIMES * spread.peak();
        boolean felt = atOnce.p99Millis() >= TIMES * spread.p99Millis();
        Verdict verdict = peak && felt ? Verdict.TRUE : peak || felt ? Verdict.WITHIN_LIMITS : Verdict.FALSE_HERE;
        List<Measure> measures = new ArrayList<>();
        measures.add(new Measure("clients cut off", clients, Unit.COUNT));
        measures.add(new Measure("healthy viewer before, p99", quietP99Millis, Unit.MILLIS));
        add(measures, "at once: ", atOnce);
        add(measures, "with jitter: ", spread);
        return new Finding(
                verdict,
                String.format(
                        Locale.ROOT,
                        "At most %,d were back within %d ms at once and %,d with jitter; a healthy viewer's p99 is %s ms and %s ms (%s ms before); all are"
                                + " back after %.1f s and %.1f s.",
                        atOnce.peak(),
                        BIN_MILLIS,
                        spread.peak(),
                        Text.millis(atOnce.p99Millis() * 1e6),
                        Text.millis(spread.p99Millis() * 1e6),
                        Text.millis(quietP99Millis * 1e6),
                        atOnce.allBackSeconds(),
                        spread.allBackSeconds()),
                measures);
    }

    private static void add(List<Measure> measures, String how, Return back) {
        measures.add(new Measure(how + "most that were back within " + BIN_MILLIS + " ms", back.peak(), Unit.COUNT));
        measures.add(new Measure(how + "all are back after", back.allBackSeconds(), Unit.SECONDS));
        measures.add(new Measure(how + "attempts that failed", back.failed(), Unit.COUNT));
        measures.add(new Measure(how + "healthy viewer p50", back.p50Millis(), Unit.MILLIS));
        measures.add(new Measure(how + "healthy viewer p99", back.p99Millis(), Unit.MILLIS));
        measures.add(new Measure(how + "healthy viewer, longest", back.maxMillis(), Unit.MILLIS));
    }

    /** Clients that are cut off together and come back; a virtual thread each while they do. One thread calls. */
    private static final class Crowd implements AutoCloseable {
        /** Between two attempts of one client. */
        private static final long LEAST_NANOS = 10_000_000;

        private final Talks server;
        private final Talk[] talks; // each its own client's, while it comes back
        private final AtomicInteger back = new AtomicInteger();
        private final AtomicInteger failed = new AtomicInteger();
        private final AtomicInteger[] bins = new AtomicInteger[(int) (BACK_SECONDS_MAX * 1_000 / BIN_MILLIS) + 1];
        private volatile long lastNanos; // when somebody came back
        private long allBackNanos;
        private volatile boolean over;

        Crowd(Talks server, int count) {
            this.server = server;
            this.talks = new Talk[count];
        }

        void cut() {
            for (Talk talk : talks) if (talk != null) talk.close();
        }

        /**
         * Returns when all are back.
         *
         * @param windowMillis each waits a random part of it first
         */
        void comeBack(Stage stage, int windowMillis) throws BenchFailure {
            back.set(0);
            failed.set(0);
            for (int i = 0; i < bins.length; i++) bins[i] = new AtomicInteger();
            long began = System.nanoTime();
            for (int i = 0; i < talks.length; i++) {
                int number = i;
                Thread.ofVirtual().start(() -> comeBack(number, began, windowMillis));
            }
            while (back.get() < talks.length) {
                stage.pause(1);
                if (System.nanoTime() - began > TimeUnit.SECONDS.toNanos(BACK_SECONDS_MAX)) {
                    throw BenchFailure.failed("Of " + talks.length + " clients only " + back.get() + " came back.");
                }
            }
            allBackNanos = lastNanos - began;
        }

        private void comeBack(int number, long began, int windowMillis) {
            long due = began + part(windowMillis);
            while (!over) {
                long wait = due - System.nanoTime();
                if (wait > 0) {
                    LockSupport.parkNanos(wait);
                    continue;
                }
                try {
                    Talk talk = server.open();
                    talk.upgrade(PATH, "");
                    talks[number] = talk;
                    long now = System.nanoTime();
                    bins[(int) Math.min(bins.length - 1, (now - began) / (BIN_MILLIS * 1_000_000L))].incrementAndGet();
                    lastNanos = now;
                    back.incrementAndGet();
                    return;
                } catch (IOException refused) {
                    failed.incrementAndGet();
                    due = System.nanoTime() + LEAST_NANOS + part(windowMillis);
                }
            }
        }

        private static long part(int windowMillis) {
            return windowMillis == 0
                    ? 0
                    : TimeUnit.MILLISECONDS.toNanos(ThreadLocalRandom.current().nextInt(windowMillis));
        }

        int peak() {
            int peak = 0;
            for (AtomicInteger bin : bins) peak = Math.max(peak, bin.get());
            return peak;
        }

        double allBackSeconds() {
            return allBackNanos / 1e9;
        }

        int failed() {
            return failed.get();
        }

        @Override
        public void close() {
            over = true;
            cut();
        }
    }

    /** A viewer who is connected all the time, on a thread of its own. */
    private static final class Healthy implements AutoCloseable {
        private static final long EVERY_NANOS = 10_000_000;

        private final Talk talk;
        private final Thread thread = Thread.ofPlatform().name("healthy").unstarted(this::run);
        private Histogram delays = new Histogram(3); // guarded by this
        private volatile boolean over;

        Healthy(Talks talks) throws IOException {
            talk = talks.open();
            talk.upgrade(PATH + "?echo", "");
            thread.start();
        }

        private void run() {
            try {
                for (long due = System.nanoTime(); !over; due += EVERY_NANOS) {
                    for (long now = System.nanoTime(); now < due; now = System.nanoTime())
                        LockSupport.parkNanos(due - now);
                    talk.text("{}");
                    talk.message();
                    record(System.nanoTime() - due);
                }
            } catch (IOException closed) {
                // no delays any more, which shows
            }
        }

        private synchronized void record(long nanos) {
            delays.recordValue(nanos);
        }

        /** The delays since it was asked the last time. */
        synchronized Histogram take() {
            Histogram taken = delays;
            delays = new Histogram(3);
            return taken;
        }

        @Override
        public void close() {
            over = true;
            talk.close();
        }
    }
}
