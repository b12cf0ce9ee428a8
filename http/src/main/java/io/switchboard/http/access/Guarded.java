package io.switchboard.http.access;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.switchboard.http.PassingResponder;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.Sink;
import io.switchboard.http.Waiting;
import org.jspecify.annotations.Nullable;

/**
 * The way back to somebody in particular: no cache on it may give the answer to another (RFC 9111, sections 4.1 and 5.2.2).
 *
 * <p>Where an event stream begins it sets a cookie, if it was given one.
 */
final class Guarded extends PassingResponder {
    private static final String PUBLIC = "public";
    private static final String PRIVATE = "private";

    private final @Nullable String cookie;

    Guarded(Responder responder, @Nullable String cookie) {
        super(responder);
        this.cookie = cookie;
    }

    @Override
    protected void onItsWay(Response response) {
        response.headers().add(HttpHeaderNames.VARY, HttpHeaderNames.AUTHORIZATION);
        String caching = response.headers().get(HttpHeaderNames.CACHE_CONTROL);
        if (caching != null && caching.startsWith(PUBLIC)) {
            response.with(HttpHeaderNames.CACHE_CONTROL, PRIVATE + caching.substring(PUBLIC.length()));
        }
    }

    @Override
    public Sink stream(Response head, Waiting owner) {
        if (cookie != null) head.with(HttpHeaderNames.SET_COOKIE, cookie);
        return super.stream(head, owner);
    }
}
