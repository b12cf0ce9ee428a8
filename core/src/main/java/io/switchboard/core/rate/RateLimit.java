package io.switchboard.core.rate;

import io.switchboard.core.time.Ticker;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A token bucket for each of many keys: each holds what flows in within a second, and is full at first.
 *
 * <p>A bucket is one number, the moment at which it will be full again (as in the generic cell rate algorithm of ITU-T
 * I.371). So a full one need not be kept, and there is no timer: {@link #forgetFull} drops them. Beyond
 * {@code keysMax} buckets that are not full, further keys are not limited until one is forgotten.
 *
 * <p>Any thread; never blocks.
 */
public final class RateLimit<K> {
    public static final int UNLIMITED = Integer.MAX_VALUE;
    public static final long GRANTED = 0;

    private static final int PER_SECOND_MAX = 1_000_000;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final int perSecond;
    private final int keysMax;
    private final Ticker ticker;
    private final Map<K, AtomicLong> fullAtNanos = new ConcurrentHashMap<>();
    private final AtomicLong forgotAtMillis = new AtomicLong();

    /**
     * @param perSecond 1 to 1,000,000, or {@link #UNLIMITED}
     * @param keysMax buckets kept at a time, 1 or more
     */
    public RateLimit(int perSecond, int keysMax, Ticker ticker) {
        if (perSecond < 1 || (perSecond > PER_SECOND_MAX && perSecond != UNLIMITED) || keysMax < 1) {
            throw new IllegalArgumentException("a rate of " + perSecond + " for " + keysMax + " keys");
        }
        this.perSecond = perSecond;
        this.keysMax = keysMax;
        this.ticker = ticker;
    }

    /** Buckets that are kept now. */
    public int keys() {
        return fullAtNanos.size();
    }

    /**
     * Takes one token of {@code key}.
     *
     * @return {@link #GRANTED}, or after how many milliseconds there will be one; then nothing was taken
     */
    public long take(K key) {
        if (perSecond == UNLIMITED) return GRANTED;
        long nowMillis = ticker.nowMillis();
        AtomicLong bucket = fullAtNanos.get(key);
        if (bucket == null) {
            if (fullAtNanos.size() >= keysMax && !hasRoom(nowMillis)) return GRANTED;
            bucket = fullAtNanos.computeIfAbsent(key, k -> new AtomicLong());
        }
        long now = nowMillis * NANOS_PER_MILLI;
        long each = NANOS_PER_SECOND / perSecond;
        while (true) {
            long fullAt = bucket.get();
            // No bucket takes longer than a second to fill: then the clock was set back.
            boolean isFull = fullAt <= now || fullAt > now + NANOS_PER_SECOND;
            long next = (isFull ? now : fullAt) + each;
            long over = next - now - NANOS_PER_SECOND;
            if (over > 0) return Math.ceilDiv(over, NANOS_PER_MILLI);
            if (bucket.compareAndSet(fullAt, next)) return GRANTED;
        }
    }

    // A look at all of them at most once a second.
    private boolean hasRoom(long nowMillis) {
        long last = forgotAtMillis.get();
        if (Math.abs(nowMillis - last) < 1_000 || !forgotAtMillis.compareAndSet(last, nowMillis)) return false;
        forgetFull();
        return fullAtNanos.size() < keysMax;
    }

    /** Forgets the buckets that are full. To be called every few seconds. */
    public void forgetFull() {
        long now = ticker.nowMillis() * NANOS_PER_MILLI;
        fullAtNanos.values().removeIf(fullAt -> fullAt.get() <= now || fullAt.get() > now + NANOS_PER_SECOND);
    }
}
