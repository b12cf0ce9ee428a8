package io.switchboard.http.access;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.switchboard.core.access.Access;
import io.switchboard.core.time.Loop;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.Sink;
import io.switchboard.http.SocketOwner;
import io.switchboard.http.Waiting;
import io.switchboard.http.caller.Caller;
import io.switchboard.http.websocket.Handshake;
import org.jspecify.annotations.Nullable;

/**
 * The way back to somebody in particular: no cache on it may give the answer to another (RFC 9111, sections 4.1 and 5.2.2).
 *
 * @param cookie to be set where an event stream begins; null for none
 */
record Guarded(Responder responder, @Nullable String cookie) implements Responder {
    private static final String PUBLIC = "public";
    private static final String PRIVATE = "private";

    private static Response kept(Response response) {
        response.headers().add(HttpHeaderNames.VARY, HttpHeaderNames.AUTHORIZATION);
        String caching = response.headers().get(HttpHeaderNames.CACHE_CONTROL);
        if (caching != null && caching.startsWith(PUBLIC)) {
            response.with(HttpHeaderNames.CACHE_CONTROL, PRIVATE + caching.substring(PUBLIC.length()));
        }
        return response;
    }

    @Override
    public Loop loop() {
        return responder.loop();
    }

    @Override
    public void admit(Access access) {
        responder.admit(access);
    }

    @Override
    public Caller caller() {
        return responder.caller();
    }

    @Override
    public boolean sendsFiles() {
        return responder.sendsFiles();
    }

    @Override
    public void send(Response response) {
        responder.send(kept(response));
    }

    @Override
    public Sink stream(Response head, Waiting owner) {
        if (cookie != null) head.with(HttpHeaderNames.SET_COOKIE, cookie);
        return responder.stream(kept(head), owner);
    }

    @Override
    public void await(Waiting waiter, long atMillis) {
        responder.await(waiter, atMillis);
    }

    @Override
    public void upgrade(Handshake handshake, @Nullable String subprotocol, SocketOwner owner) {
        responder.upgrade(handshake, subprotocol, owner);
    }
}
