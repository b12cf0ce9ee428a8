package io.switchboard.http;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * When clients of a server that goes down are to leave it, and when to come back: each at another moment, so that they do
 * not come all at once.
 *
 * @param leaveWithinMillis from now; until then each of them may be told and ended
 * @param backFromMillis from now
 * @param backWithinMillis after that
 */
public record Farewell(long leaveWithinMillis, long backFromMillis, long backWithinMillis) {
    private static final long AT_ONCE_MILLIS = 1_000;

    /**
     * Other servers have the same channels: clients leave one after the other through all the time there is, and are back
     * at once.
     */
    public static Farewell toOthers(Duration drain) {
        return new Farewell(drain.toMillis(), 0, Math.min(AT_ONCE_MILLIS, drain.toMillis()));
    }

    /**
     * This server has to come back itself, and can only once all have left: they do so early, and stay away for half of
     * the time there is, and up to one and a half times it. Whoever knocks too early finds nobody, and many give up then.
     */
    public static Farewell toNobody(Duration drain) {
        long millis = drain.toMillis();
        return new Farewell(millis / 10, millis / 2, millis);
    }

    /** When somebody leaves, in milliseconds from now. */
    long leave() {
        return random(leaveWithinMillis);
    }

    /**
     * When somebody is back, in milliseconds from now.
     *
     * @param leave when they leave
     */
    long back(long leave) {
        return Math.max(leave, backFromMillis) + random(backWithinMillis);
    }

    /** After how many whole seconds whoever comes now should come again, 1 or more. */
    int retryAfterSeconds() {
        return (int) Math.max(1, Math.ceilDiv(back(0), 1_000));
    }

    private static long random(long within) {
        return ThreadLocalRandom.current().nextLong(within + 1);
    }
}
