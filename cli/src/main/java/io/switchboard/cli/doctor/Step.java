package io.switchboard.cli.doctor;

import java.util.Locale;

/** What is looked at, in this order. */
public enum Step {
    RESOLVE,
    CONNECT,
    TLS,
    HTTP,
    CLOCK,
    TOKEN,
    CHANNEL,
    EVENTS,
    LONG_POLL,
    WEBSOCKET,
    ECHO,
    BODY,
    CORS,
    IDLE;

    /** As it is shown. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
