package io.switchboard.bench.lab;

import org.jspecify.annotations.Nullable;

/**
 * Who shall read.
 *
 * @param count of them, 0 for nobody
 * @param pollMillis how long those who poll wait between two requests
 * @param channel which one, as it stands in a path
 * @param token what they show; null for nothing
 */
record Crowd(
        Carrier carrier,
        int count,
        int pollMillis,
        String channel,
        @Nullable String token) {
    static final Crowd NOBODY = new Crowd(Carrier.SSE, 0, 1_000, "none", null);

    Crowd {
        if (count < 0 || pollMillis < 1) throw new IllegalArgumentException("crowd");
    }

    /** Whether those who read for the other may stay. */
    boolean readsLike(Crowd other) {
        return carrier == other.carrier && channel.equals(other.channel);
    }

    /** Without the token. */
    @Override
    public String toString() {
        return count + " over " + carrier.word();
    }
}
