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
        if (halt.isWished()) throw BenchFailure.failed("Ended before anything was measured.");
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
     * @param window to be looked after, if there is one
     */
    Measured measure(Engine engine, Fleet fleet, LongConsumer begin, BooleanSupplier settled, @Nullable Window window) {
        long start = clock.getAsLong() + START_NANOS;
        long from = start + settings.warmupNanos();
        engine.span.set(from, from + settings.durationNanos());
        begin.accept(start);
        wait(from, engine, fleet, "warming up", window, Lane.newDelays());
        Histogram delays = Lane.newDelays();
        Optional<ServerFigures> before = control.figures();
        Totals first = engine.totals(delays);
        long[] cpu = engine.cpu();
        long began = clock.getAsLong();
        wait(engine.span.to(), engine, fleet, "", window, delays);
        Totals last = engine.totals(delays);
        long[] cpuAfter = engine.cpu();
        long ended = clock.getAsLong();
        engine.span.endAt(ended);
        Optional<ServerFigures> after = control.figures();
        settle(fleet, settled);
        Totals whole = engine.totals(delays);
        double seconds = Math.max(1e-9, (ended - began) / 1e9);
        double busiest = 0;
        for (int i = 0; i < cpu.length; i++) busiest = Math.max(busiest, (cpuAfter[i] - cpu[i]) / 1e9 / seconds);
        return new Measured(seconds, last.minus(first), whole, delays, busiest, before, after);
    }

    /** Waits, telling once a second; not longer than anybody is connected. */
    private void wait(long until, Engine engine, Fleet fleet, String what, @Nullable Window window, Histogram delays) {
        Totals before = engine.totals(delays);
        long then = clock.getAsLong();
        int quiet = 0;
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
            quiet = totals.messages() == before.messages() ? quiet + 1 : 0;
            if (window != null && quiet >= 3) {
                engine.lane(0).eventLoop.execute(window::writeOff);
                quiet = 0;
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

    private void settle(Fleet fleet, BooleanSupplier settled) {
        // Whoever ended it early, or lost connections, does not wait for what cannot come.
        long most = halt.isWished() || fleet.lost() > 0
                ? Math.min(SECOND, settings.timeoutNanos())
                : settings.timeoutNanos();
        long until = clock.getAsLong() + most;
        while (fleet.open() > 0 && !settled.getAsBoolean() && clock.getAsLong() < until) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** Holds for so long, or until nobody is connected any more. */
    void hold(long nanos, Fleet fleet) {
        long until = clock.getAsLong() + nanos;
        long told = clock.getAsLong();
        while (fleet.open() > 0 && clock.getAsLong() < until && !halt.await(LOOK_NANOS * 10)) {
            long now = clock.getAsLong();
            if (now - told < SECOND) continue;
            told = now;
            String lost = fleet.lost() > 0 ? " (" + Text.count(fleet.lost()) + " lost)" : "";
            progress.line(Text.count(fleet.open(), "connection") + lost + " held, " + Text.seconds((until - now) / 1e9)
                    + " left");
        }
    }
}
