package io.switchboard.core.rate;

import io.switchboard.core.time.Ticker;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A token bucket for each of many keys: each holds what flows in within a second, and is full at first.
 *
 * <p>A bucket is one number, the moment at which it will be full again (as in the generic cell rate algorithm of ITU-T
 * I.371). So a full one need not be kept, and there is no timer: {@link #forgetFull} drops them. Beyond
 * {@code keysMax} buckets that are not full, further keys are not limited until one is forgotten.
 *
 * <p>Several servers may have one limit in common: each tells the others what was {@link #used}, and what others used is
 * {@link #takenElsewhere}, which may leave a bucket owing up to {@value #DEBT_SECONDS_MAX} s.
 *
 * <p>Any thread; never blocks.
 */
public final class RateLimit<K> {
    public static final int UNLIMITED = Integer.MAX_VALUE;
    public static final long GRANTED = 0;

    /** What a bucket may owe for what was taken elsewhere; more is forgiven. */
    public static final long DEBT_SECONDS_MAX = 30;

    private static final int PER_SECOND_MAX = 1_000_000;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final int UNTOLD_PARTS = 100;

    private static final class Bucket {
        final AtomicLong fullAtNanos = new AtomicLong();
        final AtomicInteger untold = new AtomicInteger(); // taken here since it was last told
    }

    /** So many tokens of a key. */
    public record Use<K>(K key, int count) {}

    private final int perSecond;
    private final int toldFrom;
    private final int keysMax;
    private final Ticker ticker;
    private final Map<K, Bucket> buckets = new ConcurrentHashMap<>();
    private final Queue<K> toTell = new ConcurrentLinkedQueue<>(); // while shared; each key of `buckets` at most once
    private final AtomicLong forgotAtMillis = new AtomicLong();
    private volatile boolean shared;

    /**
     * @param perSecond 1 to 1,000,000, or {@link #UNLIMITED}
     * @param keysMax buckets kept at a time, 1 or more
     * @param ticker from any moment on, and better one that nobody sets: a clock that is set back has shared buckets refuse for as long
     */
    public RateLimit(int perSecond, int keysMax, Ticker ticker) {
        if (perSecond < 1 || (perSecond > PER_SECOND_MAX && perSecond != UNLIMITED) || keysMax < 1) {
            throw new IllegalArgumentException("a rate of " + perSecond + " for " + keysMax + " keys");
        }
        this.perSecond = perSecond;
        this.toldFrom = Math.max(1, perSecond / UNTOLD_PARTS);
        this.keysMax = keysMax;
        this.ticker = ticker;
    }

    /** Buckets that are kept now. */
    public int keys() {
        return buckets.size();
    }

    /**
     * Takes one token of {@code key}.
     *
     * @return {@link #GRANTED}, or after how many milliseconds there will be one; then nothing was taken
     */
    public long take(K key) {
        if (perSecond == UNLIMITED) return GRANTED;
        long nowMillis = ticker.nowMillis();
        Bucket bucket = bucket(key, nowMillis);
        if (bucket == null) return GRANTED;
        long now = nowMillis * NANOS_PER_MILLI;
        long each = NANOS_PER_SECOND / perSecond;
        while (true) {
            long fullAt = bucket.fullAtNanos.get();
            long next = (isFull(fullAt, now) ? now : fullAt) + each;
            long over = next - now - NANOS_PER_SECOND;
            if (over > 0) return Math.ceilDiv(over, NANOS_PER_MILLI);
            if (bucket.fullAtNanos.compareAndSet(fullAt, next)) break;
        }
        if (shared && bucket.untold.incrementAndGet() == toldFrom) toTell.add(key);
        return GRANTED;
    }

    // Null if there is no room for another one.
    private @Nullable Bucket bucket(K key, long nowMillis) {
        Bucket bucket = buckets.get(key);
        if (bucket != null) return bucket;
        if (buckets.size() >= keysMax && !hasRoom(nowMillis)) return null;
        return buckets.computeIfAbsent(key, k -> new Bucket());
    }

    // No bucket takes longer to fill than from the deepest debt: then the clock was set back.
    private boolean isFull(long fullAt, long now) {
        return fullAt <= now || fullAt > now + fillingNanosMax();
    }

    private long fillingNanosMax() {
        return (shared ? 1 + DEBT_SECONDS_MAX : 1) * NANOS_PER_SECOND;
    }

    // A look at all of them at most once a second.
    private boolean hasRoom(long nowMillis) {
        long last = forgotAtMillis.get();
        if (Math.abs(nowMillis - last) < 1_000 || !forgotAtMillis.compareAndSet(last, nowMillis)) return false;
        forgetFull();
        return buckets.size() < keysMax;
    }

    /** Forgets the buckets that are full and have nothing to tell. To be called every few seconds. */
    public void forgetFull() {
        long now = ticker.nowMillis() * NANOS_PER_MILLI;
        buckets.values().removeIf(bucket -> isFull(bucket.fullAtNanos.get(), now) && !isToTell(bucket));
    }

    // Its key is queued: a bucket in its place would queue it once more.
    private boolean isToTell(Bucket bucket) {
        return shared && bucket.untold.get() >= toldFrom;
    }

    // ---- a limit that several servers have in common ----

    /** What is {@link #used} is asked for again and again from now on. */
    public void share() {
        shared = true;
    }

    /**
     * What was taken here and not told yet, of a key of which that is a hundredth of a second's tokens or more.
     *
     * @return null if there is no such key; otherwise it counts as told
     */
    public @Nullable Use<K> used() {
        while (true) {
            K key = toTell.poll();
            if (key == null) return null;
            Bucket bucket = buckets.get(key);
            if (bucket != null) return new Use<>(key, bucket.untold.getAndSet(0));
        }
    }

    /** Others have granted so many tokens of {@code key}. */
    public void takenElsewhere(K key, int count) {
        if (perSecond == UNLIMITED || count <= 0) return;
        long nowMillis = ticker.nowMillis();
        Bucket bucket = bucket(key, nowMillis);
        if (bucket == null) return;
        long now = nowMillis * NANOS_PER_MILLI;
        long taken = count * (NANOS_PER_SECOND / perSecond);
        long deepest = now + fillingNanosMax();
        bucket.fullAtNanos.updateAndGet(
                fullAt -> Math.min(deepest, (isFull(fullAt, now) ? now : fullAt) + Math.min(taken, deepest - now)));
    }
}
