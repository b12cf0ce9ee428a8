package io.switchboard.bench;

import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** What the modes have in common: the target, the wish to end, and the way to measure. One thread, which blocks. */
final class Run {
    private static final long SECOND = 1_000_000_000L;
    private static final long LOOK_NANOS = 10_000_000;
    private static final long START_NANOS = 5_000_000;
    /** A window of which nothing came for so long is stuck. */
    private static final long STUCK_NANOS = 3 * SECOND;

    final Settings settings;
    final Target target;
    final Control control;
    final Progress progress;
    final Halt halt;
    private final LongSupplier clock;

    Run(Settings settings, Target target, Control control, Progress progress, Halt halt, LongSupplier clock) {
        this.settings = settings;
        this.target = target;
        this.control = control;
        this.progress = progress;
        this.halt = halt;
        this.clock = clock;
    }

    Engine engine(int connections, int size) throws BenchFailure {
        return new Engine(target, settings, connections, size, clock);
    }

    Fleet fleet(Engine engine) {
        return new Fleet(engine, settings, halt);
    }

    /** Ends in a sentence if there are fewer connections than it takes to go on. */
    void needs(Fleet fleet, int connections) throws BenchFailure {
        if (fleet.open() >= connections) return;
        if (halt.isWished()) throw BenchFailure.stopped();
        Trouble why = fleet.failures().keySet().stream()
                .findFirst()
                .orElse(fleet.losses().keySet().stream().findFirst().orElse(Trouble.NETWORK));
        throw BenchFailure.failed(
                "No connection to " + target.uri() + " could be opened: " + why.sentence() + "; " + why.advice() + ".");
    }

    /**
     * Warms up, measures, and waits for what is still on its way.
     *
     * @param begin starts the load at the moment it is given
     * @param settled whether nothing is on its way any more
     * @param pauseNanos how long a reader takes no look, as it polls
     * @param window to be looked after, if there is one
     * @throws BenchFailure if it ended before the time that is measured
     */
    Measured measure(
            Engine engine,
            Fleet fleet,
            LongConsumer begin,
            BooleanSupplier settled,
            long pauseNanos,
            @Nullable Window window)
            throws BenchFailure {
        return measure(engine, fleet, begin, settled, pauseNanos, window, () -> {});
    }

    /** @param edge runs at the beginning and at the end of the time that is measured */
    Measured measure(
            Engine engine,
            Fleet fleet,
            LongConsumer begin,
            BooleanSupplier settled,
            long pauseNanos,
            @Nullable Window window,
            Runnable edge)
            throws BenchFailure {
        long start = clock.getAsLong() + START_NANOS;
        long from = start + settings.warmupNanos();
        engine.span.set(from, from + settings.durationNanos());
        begin.accept(start);
        wait(from, engine, fleet, "warming up", pauseNanos, window, Lane.newDelays());
        if (clock.getAsLong() < from) throw nothing(fleet);
        Histogram delays = Lane.newDelays();
        Optional<ServerFigures> before = control.figures();
        Totals first = engine.totals(delays);
        long began = clock.getAsLong(); // at once: what is counted and its time belong together
        edge.run();
        long[] cpu = engine.cpu();
        long lookedAt = clock.getAsLong();
        wait(engine.span.to(), engine, fleet, "", pauseNanos, window, delays);
        Totals last = engine.totals(delays);
        long ended = clock.getAsLong();
        edge.run();
        long[] cpuAfter = engine.cpu();
        double looked = Math.max(1e-9, (clock.getAsLong() - lookedAt) / 1e9);
        engine.span.endAt(ended);
        Optional<ServerFigures> after = control.figures();
        boolean isSettled = settle(engine, fleet, settled, pauseNanos);
        Totals whole = engine.totals(delays);
        double seconds = Math.max(1e-9, (ended - began) / 1e9);
        double busiest = 0;
        double tool = 0;
        for (int i = 0; i < cpu.length; i++) {
            double used = (cpuAfter[i] - cpu[i]) / 1e9 / looked;
            busiest = Math.max(busiest, used);
            tool += used;
        }
        return new Measured(seconds, last.minus(first), whole, delays, busiest, tool, isSettled, before, after);
    }

    private BenchFailure nothing(Fleet fleet) {
        if (halt.isWished()) return BenchFailure.stopped();
        Trouble why = fleet.losses().keySet().stream().findFirst().orElse(Trouble.NETWORK);
        return BenchFailure.failed(
                "All connections ended before anything was measured: " + why.sentence() + "; " + why.advice() + ".");
    }

    /** Waits, telling once a second; not longer than anybody is connected. */
    private void wait(
            long until,
            Engine engine,
            Fleet fleet,
            String what,
            long pauseNanos,
            @Nullable Window window,
            Histogram delays) {
        Totals before = engine.totals(delays);
        long then = clock.getAsLong();
        long heard = then;
        while (fleet.open() > 0) {
            long now = clock.getAsLong();
            if (now >= until) return;
            if (halt.await(Math.min(LOOK_NANOS * 10, until - now))) return;
            now = clock.getAsLong();
            if (now - then < SECOND) continue;
            Histogram recent = Lane.newDelays();
            Totals totals = engine.totals(recent);
            delays.add(recent);
            progress.line(line(totals.minus(before), (now - then) / 1e9, recent, fleet, what, until - now));
            if (totals.messages() != before.messages()) heard = now;
            if (window != null && now - heard >= STUCK_NANOS + pauseNanos) {
                engine.lane(0).eventLoop.execute(window::writeOff);
                heard = now;
            }
            before = totals;
            then = now;
        }
    }

    private static String line(
            Totals since, double seconds, Histogram recent, Fleet fleet, String what, long leftNanos) {
        StringBuilder line = new StringBuilder();
        if (!what.isEmpty()) line.append(what).append(", ");
        line.append(Text.count(fleet.open(), "connection"));
        if (fleet.lost() > 0) line.append(" (").append(Text.count(fleet.lost())).append(" lost)");
        line.append(", ").append(Text.rate(since.sent() / seconds)).append("/s sent");
        if (since.messages() > 0) {
            line.append(", ").append(Text.rate(since.messages() / seconds)).append("/s received");
        }
        if (since.refused() > 0)
            line.append(", ").append(Text.count(since.refused())).append(" refused");
        if (recent.getTotalCount() > 0) {
            line.append(", p50 ")
                    .append(Text.millis((double) recent.getValueAtPercentile(50)))
                    .append(" p99 ")
                    .append(Text.millis((double) recent.getValueAtPercentile(99)))
                    .append(" ms");
        }
        return line.append(", ")
                .append(Text.seconds(Math.max(0, leftNanos) / 1e9))
                .append(" left")
                .toString();
    }

    /**
     * Waits for what is on its way, and says whether it knows now what became of all of it: everything came, or all who
     * read have looked and nothing has come any more for half of the time-out. Whoever ended it early does not wait long,
     * and learns less.
     */
    private boolean settle(Engine engine, Fleet fleet, BooleanSupplier settled, long pauseNanos) {
        long began = clock.getAsLong();
        long until = began + settings.timeoutNanos() + pauseNanos;
        long heard = began;
        long before = 0;
        while (fleet.open() > 0) {
            if (settled.getAsBoolean()) return true;
            long now = clock.getAsLong();
            Totals totals = engine.counted();
            long come = totals.messages() + totals.answered() + totals.refused();
            if (come != before) heard = now;
            before = come;
            if (halt.isWished() && now - began >= Math.min(SECOND, settings.timeoutNanos())) return false;
            if (now >= until) return now - heard >= settings.timeoutNanos() / 2;
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return true;
    }

    /** Holds for so long, or until nobody is connected any more; returns how long that was, in nanoseconds. */
    long hold(long nanos, Fleet fleet) {
        long began = clock.getAsLong();
        long until = began + nanos;
        long told = began;
        while (fleet.open() > 0 && clock.getAsLong() < until && !halt.await(LOOK_NANOS * 10)) {
            long now = clock.getAsLong();
            if (now - told < SECOND) continue;
            told = now;
            String lost = fleet.lost() > 0 ? " (" + Text.count(fleet.lost()) + " lost)" : "";
            progress.line(Text.count(fleet.open(), "connection") + lost + " held, " + Text.seconds((until - now) / 1e9)
                    + " left");
        }
        return clock.getAsLong() - began;
    }
}
