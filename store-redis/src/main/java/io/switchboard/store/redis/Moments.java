package io.switchboard.store.redis;

import io.switchboard.core.time.Ticker;
import org.jspecify.annotations.Nullable;

/**
 * What is taken for the current moment: the clock of the server, which all nodes share.
 *
 * @param instead another clock in its place; null for none
 */
record Moments(@Nullable Ticker instead) {
    private static final byte[] OF_SERVER = new byte[0];

    /** As scripts take it. */
    byte[] argument() {
        return instead == null ? OF_SERVER : Keys.bytes(instead.nowMillis());
    }

    /** @param micros of the server's clock */
    long millis(long micros) {
        return instead == null ? micros / 1_000 : instead.nowMillis();
    }
}
