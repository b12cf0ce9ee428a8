package io.switchboard.bench.lab;

import java.util.Locale;

/** The ways to read that the lab compares. */
enum Carrier {
    POLL,
    LONG_POLL,
    SSE,
    WEBSOCKET;

    /** As figures and wishes have it. */
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** @throws IllegalArgumentException if there is none of this name */
    static Carrier of(String word) {
        for (Carrier each : values()) if (each.word().equals(word)) return each;
        throw new IllegalArgumentException("no carrier");
    }
}
