package io.switchboard.bench;

import java.util.Locale;

/** The ways to read a channel. */
public enum Transport {
    /** A channel's own URL as a WebSocket. */
    WEBSOCKET,
    /** {@code switchboard.v1} on {@code /live}. */
    LIVE,
    SSE,
    LONG_POLL,
    POLL;

    /** As it is typed. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
