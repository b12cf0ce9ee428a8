package io.switchboard.core.reading;

import io.switchboard.core.channel.Offset;

/**
 * Where a reader's messages go: the only seam between the log and a transport. Called by the reader's
 * loop only; must not block. A call may end the reader ({@link Reader#close}). One outlet may serve many
 * readers, so each call says whose it is.
 */
public interface Outlet {
    /** What became of an offer. */
    enum Offer {
        /** Taken; more is welcome. */
        ACCEPTED,
        /** Not taken: there is no room. The outlet calls {@link Reader#writable} when there is. */
        FULL,
        /** The same, but by the outlet's own choice: there would be room. */
        LATER,
        /** Not taken, and nothing ever will be. */
        GONE
    }

    /** What a reader does about messages that are no more. */
    enum AfterGap {
        /** Goes on behind the gap. */
        RESUME,
        /** Ends; the outlet has told its client why. */
        STOP
    }

    /** Why a reader ends without having been asked to. */
    enum End {
        /** The channel is closed, and its last message was accepted. */
        CLOSED,
        /** The channel is no more. */
        DELETED,
        /** The log could not be read. */
        FAILED
    }

    /** Messages right after the last ones accepted. */
    Offer offer(Reader reader, Delivery delivery);

    /** Everything committed so far was accepted; what follows comes as it is committed. */
    void caughtUp(Reader reader);

    /** Messages after {@code from} up to {@code to} are gone. */
    AfterGap gap(Reader reader, Offset from, Offset to);

    /** The reader has ended; it tells where it stood. Nothing follows. */
    void ended(Reader reader, End end);
}
