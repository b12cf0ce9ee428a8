package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * One stream of a connection that carries many: a request, its answer, and whatever lasts in the answer's place. Belongs
 * to its connection's loop.
 */
interface StreamWire extends Wire {
    /** The length of content that was not announced. */
    long LENGTH_UNKNOWN = -1;

    /**
     * Sends the head of an answer.
     *
     * @param headers made here, or checked
     * @param end whether that is the whole answer; then the stream is done with, whatever the peer has yet to say
     */
    void head(int status, HttpHeaders headers, boolean end);

    /** Tells the peer that the content of its request may come (RFC 9110, section 15.2.1). */
    void goOn();

    /** As {@link #write} and {@link #finish}. */
    void writeLast(ByteBuf bytes);

    /**
     * Content comes, and is put together as it does: there may be room for more of it than a stream has.
     *
     * @param length {@link #LENGTH_UNKNOWN} if it was not announced
     */
    void expect(long length);

    /** From now on it carries what came of the request. */
    void carry(Carried next);

    /** The peer did on it what it must not: the stream ends, and counts among those that were for nothing. */
    void misused();

    /** More waits on the connection than the peer takes: the stream ends without its answer. */
    void drop();
}
