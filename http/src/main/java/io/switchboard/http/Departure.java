package io.switchboard.http;

/** When what lasts on a connection ends because the server goes down, and when its client is to come back: moments. */
record Departure(long leaveAtMillis, long backAtMillis) {
    long leaveMillis(long now) {
        return Math.max(0, leaveAtMillis - now);
    }

    /** No sooner than it leaves. */
    long backMillis(long now) {
        return Math.max(leaveMillis(now), backAtMillis - now);
    }
}
