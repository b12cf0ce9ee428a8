package io.switchboard.http.wire;

import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Cursors that let a cache answer many waiting clients with one request, and never the same client
 * twice with the same answer (Durable Streams, section 10.1): the number of a 20 s interval.
 */
public final class Cursor {
    static final long INTERVAL_MILLIS = 20_000;
    /** 2024-10-09T00:00:00Z, which the protocol counts from. */
    static final long EPOCH_MILLIS = 1_728_432_000_000L;

    private static final int JITTER_MAX_SECONDS = 3_600;

    private Cursor() {}

    /** The cursor of this moment. */
    public static long at(long nowMillis) {
        return Math.max(0, (nowMillis - EPOCH_MILLIS) / INTERVAL_MILLIS);
    }

    /**
     * The cursor to give a client: that of this moment, or one beyond what it already has.
     *
     * @param has what the client sent; null for nothing, and anything that is no number counts as nothing
     */
    public static long after(@Nullable String has, long nowMillis) {
        long now = at(nowMillis);
        long client = has == null ? SafeInteger.INVALID : SafeInteger.parse(has);
        if (client == SafeInteger.INVALID || client < now) return now;
        int jitter = ThreadLocalRandom.current().nextInt(1, JITTER_MAX_SECONDS + 1);
        return client + Math.max(1, jitter * 1_000L / INTERVAL_MILLIS);
    }
}
