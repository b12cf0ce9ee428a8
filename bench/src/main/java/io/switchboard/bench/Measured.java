package io.switchboard.bench;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.HdrHistogram.Histogram;

/**
 * What was measured.
 *
 * @param seconds how long
 * @param during what was counted in that time
 * @param whole what was counted since the beginning, up to the last answer
 * @param delays of what was meant to be sent in that time, in nanoseconds
 * @param busiest the share of its time that the busiest thread of the tool used
 * @param tool processors that all threads of its load used together
 * @param settled whether all that was to come has come, or nothing more does: what is missing then is lost
 */
record Measured(
        double seconds,
        Totals during,
        Totals whole,
        Histogram delays,
        double busiest,
        double tool,
        boolean settled,
        Optional<ServerFigures> before,
        Optional<ServerFigures> after) {
    /** Processors that the server used, in the time between its own two answers. */
    OptionalDouble serverProcessors() {
        OptionalDouble then = figure(before, ServerFigures::cpuSeconds);
        OptionalDouble now = figure(after, ServerFigures::cpuSeconds);
        if (then.isEmpty() || now.isEmpty()) return OptionalDouble.empty();
        double between = (after.orElseThrow().atNanos - before.orElseThrow().atNanos) / 1e9;
        return between > 0
                ? OptionalDouble.of((now.getAsDouble() - then.getAsDouble()) / between)
                : OptionalDouble.empty();
    }

    static OptionalDouble figure(Optional<ServerFigures> of, Function<ServerFigures, OptionalDouble> which) {
        return of.map(which).orElse(OptionalDouble.empty());
    }

    double perSecond(long count) {
        return count / seconds;
    }

    /** The delay at a percentile, in nanoseconds. */
    double nanos(double percentile) {
        return (double) delays.getValueAtPercentile(percentile);
    }

    /** The p99, in milliseconds. */
    double p99Millis() {
        return nanos(99) / 1e6;
    }
}
