package io.switchboard.core.time;

/** The current moment. Any thread; never blocks. */
@FunctionalInterface
public interface Ticker {
    /** Milliseconds since 1970-01-01T00:00:00Z. */
    long nowMillis();

    /** One that nobody sets, for what only asks how much time has passed: it counts from 1 at this moment on. */
    static Ticker steady() {
        long begun = System.nanoTime();
        return () -> 1 + (System.nanoTime() - begun) / 1_000_000;
    }
}
