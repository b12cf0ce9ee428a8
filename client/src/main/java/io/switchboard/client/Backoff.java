package io.switchboard.client;

/** How long to stay away after a connection was lost (spec/clients.md, section 3). Pure. */
final class Backoff {
    /** Up to this is believed of what a server says. */
    static final long TOLD_MILLIS_MAX = 300_000;

    private static final long FIRST_MILLIS = 1_000;
    private static final long LAST_MILLIS = 30_000;
    private static final long SPREAD_MILLIS = 1_000;

    /** What the server said about coming back. */
    sealed interface Told {
        /** Nothing. */
        record Nothing() implements Told {}

        /** By {@code reconnect} or {@code retry:}, to the millisecond, as the server has spread it. */
        record Exactly(long millis) implements Told {}

        /** By {@code Retry-After}, the same to everybody. */
        record Seconds(long seconds) implements Told {}

        Told NOTHING = new Nothing();
    }

    private Backoff() {}

    /**
     * Milliseconds to wait.
     *
     * @param attempt attempts that failed since the last stable connection, from 0
     * @param random from [0, 1)
     */
    static long delay(int attempt, double random, Told told) {
        if (told instanceof Told.Exactly exactly && exactly.millis() >= 0) {
            return Math.min(TOLD_MILLIS_MAX, exactly.millis());
        }
        if (told instanceof Told.Seconds seconds && seconds.seconds() >= 0) {
            long millis = Math.min(TOLD_MILLIS_MAX / 1_000, seconds.seconds()) * 1_000;
            return millis + (long) (random * SPREAD_MILLIS);
        }
        long ceiling = attempt >= 5 ? LAST_MILLIS : Math.min(LAST_MILLIS, FIRST_MILLIS << attempt);
        return (long) (random * ceiling);
    }
}
