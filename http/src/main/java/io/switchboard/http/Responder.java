package io.switchboard.http;

import io.switchboard.core.time.Loop;

/**
 * The way back to the client of one request: it takes one {@link #send}, or one {@link #stream}. Belongs to
 * its loop. Once the client is gone, whatever is sent goes nowhere.
 */
public interface Responder {
    /** The loop that everything about this request happens on. */
    Loop loop();

    /** Answers the request. */
    void send(Response response);

    /** Answers with a body that comes piece by piece; {@code owner} hears of its fate. HEAD gets the head alone. */
    Sink stream(Response head, Waiting owner);

    /**
     * The answer will take a while: {@code waiter} is told of the client's departure and of the drain,
     * and called when the time has come.
     *
     * @param atMillis when to call {@link Waiting#due}; {@link Long#MAX_VALUE} for never
     */
    void await(Waiting waiter, long atMillis);
}
