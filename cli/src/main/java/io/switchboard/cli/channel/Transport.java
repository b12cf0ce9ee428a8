package io.switchboard.cli.channel;

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

    /** What the client calls it. */
    io.switchboard.client.Transport ofClient() {
        return switch (this) {
            case SSE -> io.switchboard.client.Transport.SSE;
            case LONG_POLL -> io.switchboard.client.Transport.LONG_POLL;
            case POLL -> io.switchboard.client.Transport.POLLING;
            case WEBSOCKET -> io.switchboard.client.Transport.WEBSOCKET;
        };
    }
}
