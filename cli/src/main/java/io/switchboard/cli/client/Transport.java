package io.switchboard.cli.client;

import java.util.Locale;

/** The ways to read a channel live. */
public enum Transport {
    SSE,
    LONG_POLL,
    POLL,
    WEBSOCKET;

    /** As it is typed. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
