package io.switchboard.bench;

import java.util.Locale;

/** The numbers that may be asked for, each with its range: the tool is bounded, whatever it is told. */
public enum Bound {
    CONNECTIONS("--connections", 1, 100_000),
    SUBSCRIBERS("--subscribers", 1, 100_000),
    PUBLISHERS("--publishers", 1, 1_000),
    CHANNELS("--channels", 1, 1_000),
    RATE("--rate", 0.1, 1_000_000),
    WINDOW("--window", 1, 10_000),
    DEPTH("--depth", 1, 1_000),
    SIZE("--size", 48, 1_048_576),
    FILL("--fill", 1, 1_024),
    POLL_EVERY("--poll-every", 0.1, 60),
    DELAY_MAX("--delay-max", 1, 60_000),
    DURATION("--duration", 1, 600),
    WARMUP("--warmup", 0, 60),
    TIMEOUT("--timeout", 1, 60),
    CONNECT_RATE("--connect-rate", 1, 50_000),
    THREADS("--threads", 1, 64),
    SOURCES("--sources", 1, 200),
    HTTP("--http", 1, 3),
    STREAMS("--streams", 1, 250);

    private final String option;
    private final double min;
    private final double max;

    Bound(String option, double min, double max) {
        this.option = option;
        this.min = min;
        this.max = max;
    }

    /** As it is typed. */
    public String option() {
        return option;
    }

    /** Such as {@code 1 to 600}. */
    public String range() {
        return text(min) + " to " + text(max);
    }

    /** @throws BenchFailure with a sentence for whoever asked, if it is out of bounds */
    public int check(int value) throws BenchFailure {
        check((double) value);
        return value;
    }

    double check(double value) throws BenchFailure {
        if (value >= min && value <= max) return value;
        throw BenchFailure.usage(option + " is " + range() + ", not " + text(value) + ".");
    }

    private static String text(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? String.format(Locale.ROOT, "%,d", (long) value)
                : Double.toString(value);
    }
}
