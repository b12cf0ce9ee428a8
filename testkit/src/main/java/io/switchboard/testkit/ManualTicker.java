package io.switchboard.testkit;

import io.switchboard.core.time.Ticker;

/** A clock that stands still until it is moved. Belongs to the test's thread. */
public final class ManualTicker implements Ticker {
    private long nowMillis;

    /** @param nowMillis where it begins, since 1970 */
    public ManualTicker(long nowMillis) {
        this.nowMillis = nowMillis;
    }

    @Override
    public long nowMillis() {
        return nowMillis;
    }

    /** @param millis 0 or more */
    public void advance(long millis) {
        if (millis < 0) throw new IllegalArgumentException("time goes forward: " + millis);
        nowMillis += millis;
    }
}
