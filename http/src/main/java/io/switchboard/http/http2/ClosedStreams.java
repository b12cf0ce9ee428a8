package io.switchboard.http.http2;

import org.jspecify.annotations.Nullable;

/**
 * The streams of a connection that closed last: what comes for them is late, or a mistake, and which of both depends on
 * who closed them (RFC 9113, section 5.1). Belongs to its connection's loop.
 */
public final class ClosedStreams {
    static final int REMEMBERED = 128;

    public enum How {
        /** This side reset it: the peer may not know yet. */
        RESET_HERE,
        /** Both sides had ended it, or the peer reset it. */
        ENDED,
        /** Long ago, or it never was. */
        UNKNOWN
    }

    private int @Nullable [] ids; // those that were reset here are below zero; null until there is one
    private int next;

    public void add(int stream, boolean resetHere) {
        int[] all = ids == null ? new int[REMEMBERED] : ids;
        ids = all;
        all[next] = resetHere ? -stream : stream;
        next = (next + 1) % REMEMBERED;
    }

    public How how(int stream) {
        if (ids == null) return How.UNKNOWN;
        for (int id : ids) {
            if (id == stream) return How.ENDED;
            if (id == -stream) return How.RESET_HERE;
        }
        return How.UNKNOWN;
    }
}
