package io.switchboard.cli.client;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Watches for a new token once the server has said that the one of a connection is about to expire. Whoever renews
 * tokens may do so at the last moment, so it looks again and again, until a while after the end. One thread.
 */
final class Renewal {
    static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    /** The server closes the connection at the end; what lasts longer has other news. */
    private static final Duration WATCH_MAX = Duration.ofSeconds(60);

    private final Credentials credentials;
    private final Time time;
    private @Nullable String shown;
    private boolean due;
    private long untilNanos;

    /** @param shown the token that the connection was made with */
    Renewal(Credentials credentials, Time time, Optional<String> shown) {
        this.credentials = credentials;
        this.time = time;
        this.shown = shown.orElse(null);
    }

    /** The server has said that the token is about to expire. */
    void begin() {
        due = true;
        untilNanos = time.nanos() + WATCH_MAX.toNanos();
    }

    boolean isDue() {
        if (due && time.nanos() - untilNanos >= 0) due = false;
        return due;
    }

    /** A token to show now; empty if there is none that the server has not seen on this connection. */
    Optional<String> next() {
        if (!isDue()) return Optional.empty();
        Optional<String> fresh = credentials.token().filter(token -> !token.equals(shown));
        if (fresh.isPresent()) {
            shown = fresh.get();
            due = false;
        }
        return fresh;
    }
}
