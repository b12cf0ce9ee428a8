package io.switchboard.http;

import io.netty.buffer.ByteBuf;

/** What a {@link Wire} carries, as far as the wire tells it what comes. Belongs to its loop. */
interface Carried {
    /** @param bytes are the caller's again afterwards */
    void received(ByteBuf bytes);

    /** For now, after {@link #received}. */
    void receivedAll();

    /** The peer sends nothing more. */
    void inputEnded();

    /** There may be room again. */
    void roomAgain();

    /** The wire is no more. */
    void ended();
}
