package io.switchboard.store.redis;

import io.switchboard.core.figures.Figures;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * How long it takes from asking for an append to hearing the call of it, of channels that are followed here. Of a channel one
 * append is watched at a time, and {@value #CHANNELS_MAX} channels at most. Any thread.
 */
final class CallDelay {
    private static final int CHANNELS_MAX = 1_024;
    /** A call that did not come until then is lost, and says nothing about the delay of those that come. */
    private static final long LOST_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Figures figures;
    private final Map<String, Long> asked = new ConcurrentHashMap<>();
    private volatile Predicate<String> followed = channel -> false;

    CallDelay(Figures figures) {
        this.figures = figures;
    }

    /** @param isFollowed whether calls of a channel are to be expected */
    void expect(Predicate<String> isFollowed) {
        followed = isFollowed;
    }

    void asked(String channel) {
        if (!followed.test(channel)) return;
        long now = figures.nanos();
        if (asked.size() >= CHANNELS_MAX) asked.values().removeIf(since -> now - since > LOST_NANOS);
        if (asked.size() >= CHANNELS_MAX) return;
        asked.merge(channel, now, (since, again) -> now - since > LOST_NANOS ? again : since);
    }

    /** There will be no call. */
    void refused(String channel) {
        asked.remove(channel);
    }

    void heard(String channel) {
        Long since = asked.remove(channel);
        if (since != null) figures.since(since, figures.calls);
    }
}
