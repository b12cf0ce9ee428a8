package io.switchboard.core.presence;

/**
 * One connection's place on a channel: it makes its member one of those present, and its watcher hears who
 * else is. Belongs to the loop it was made for.
 *
 * <pre>
 *   ENTERING ─► WAITING ─► LIVE     hears every change
 *                  ▲         │ watcher full
 *                  └─ STALE ◄┘      hears nothing, and nothing is kept for it
 *
 *   any ──► GONE
 * </pre>
 */
public final class Attendance {
    /** Where it is in its life. */
    enum State {
        /** The board has yet to answer. */
        ENTERING,
        /** To be shown a picture. */
        WAITING,
        LIVE,
        STALE,
        GONE
    }

    private final Audience audience;
    final String member;
    final Watcher watcher;

    // Kept by the audience.
    State state = State.ENTERING;
    int liveIndex = -1; // its place among those who are live
    long heard; // the number of the last news that it need not be told

    Attendance(Audience audience, String member, Watcher watcher) {
        this.audience = audience;
        this.member = member;
        this.watcher = watcher;
    }

    /** The watcher has room again after it said {@link Watcher.Offer#FULL}; otherwise nothing happens. */
    public void writable() {
        if (state == State.STALE) audience.show(this);
    }

    /** Ends it; its watcher hears nothing more. May be called any number of times. */
    public void leave() {
        if (state != State.GONE) audience.leave(this);
    }
}
