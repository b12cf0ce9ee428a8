package io.switchboard.http;

import io.switchboard.core.access.Access;
import io.switchboard.core.time.Loop;
import io.switchboard.http.caller.Caller;
import io.switchboard.http.websocket.Handshake;
import org.jspecify.annotations.Nullable;

/**
 * The way back to the client of one request: it takes one {@link #send}, one {@link #stream}, or
 * one {@link #upgrade}. Belongs to
 * its loop. Once the client is gone, whatever is sent goes nowhere.
 */
public interface Responder {
    /** The loop that everything about this request happens on. */
    Loop loop();

    /** Who asks, as far as is known: through proxies that are trusted, and whether over TLS. */
    Caller caller();

    /** Whether a body may be a part of a file: not where its bytes change on their way. */
    boolean sendsFiles();

    /**
     * From now on the request, and whatever comes of it, is for somebody: when that access expires or is revoked,
     * it ends. Without this call it is for everybody.
     */
    void admit(Access access);

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

    /**
     * Answers a handshake: from here on a WebSocket is spoken.
     *
     * @param subprotocol one of those the client asked for; null for none
     * @param owner hears of the socket within this call, or never if the client is gone or the server goes down
     */
    void upgrade(Handshake handshake, @Nullable String subprotocol, SocketOwner owner);
}
