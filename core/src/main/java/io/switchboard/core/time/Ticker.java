package io.switchboard.core.time;

/** The current moment. Any thread; never blocks. */
@FunctionalInterface
public interface Ticker {
    /** Milliseconds since 1970-01-01T00:00:00Z. */
    long nowMillis();
}
