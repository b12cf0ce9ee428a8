package io.switchboard.core.presence;

/**
 * Hears who is on a channel. It is shown a picture first and then told what changes, each change once and
 * in order. Another picture takes the place of all that was heard before.
 *
 * <p>Called by the loop it attends on, never within {@link Presence#attend}; must not block; may leave in
 * the middle of a call. All watchers of a channel on one loop are handed the same objects, so whatever is
 * made of them can be made once. A watcher that throws is treated as one that had no room, and its
 * exception is left to the loop.
 */
public interface Watcher {
    /** What became of a call. */
    enum Offer {
        /** Taken; more is welcome. */
        ACCEPTED,
        /**
         * Not taken: there is no room. Nothing more comes until the watcher calls
         * {@link Attendance#writable}, and then a new picture.
         */
        FULL
    }

    /**
     * Who is there now. Comes first, after {@link Attendance#writable}, when so many have gone that names are
     * told again, and when the loop could not keep up with the changes.
     */
    Offer present(Snapshot snapshot);

    /** A member that was not there has come. */
    Offer joined(String member);

    /** A member has gone, and did not come back within the grace. */
    Offer left(String member);

    /**
     * How many are there now. They are too many to be named: whatever names were told are void, and none
     * is told until the next {@link #present}.
     *
     * @param members more than {@value Presence#NAMED_AGAIN}
     */
    Offer counted(int members);
}
