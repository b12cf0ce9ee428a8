package io.switchboard.http.access;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.switchboard.core.access.Access;
import io.switchboard.core.access.Authenticator.Reason;
import io.switchboard.core.access.Authenticator.Verdict;
import io.switchboard.core.access.Tickets.Redeemed;
import io.switchboard.http.Handler;
import io.switchboard.http.Request;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.websocket.Handshake;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import io.switchboard.http.wire.Query;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out who asks, and lets the request in as theirs: by a bearer token, for WebSockets and event streams by a ticket
 * too, for event streams by the cookie that a ticket left. A request without any of them is let in as nobody's
 * ({@link Access#NONE}); what it wants has to be open to all. Any loop.
 *
 * <p>While others are asked who it is, nothing is kept for the client but its request; should it leave meanwhile,
 * the answer goes nowhere, as any other.
 */
public final class Doorman {
    private static final List<String> TOKENS_IN_URLS = List.of("token", "access_token", "jwt");
    private static final Logger LOG = LoggerFactory.getLogger(Doorman.class);
    private static final String TICKET = "ticket";
    private static final String SCHEME = "Bearer ";

    private final Gate gate;
    private final ReadingCookie cookies;
    private final Cors cors;

    public Doorman(Gate gate, Seal cookies, Cors cors) {
        this.gate = gate;
        this.cookies = new ReadingCookie(cookies);
        this.cors = cors;
    }

    /**
     * @param isEvents whether the answer, if there is one, is an event stream
     * @param next gets the request of somebody who may be let in; called within the call or later, on the loop
     */
    public void admit(Request request, Query query, boolean isEvents, Responder carrier, Handler next) {
        Responder responder = new Guarded(carrier, null);
        if (carriesToken(query)) {
            responder.send(invalid("A token does not belong in a URL, which is logged and kept along its way: send it"
                    + " in Authorization: Bearer, or take a ticket from /v1/tickets and send that."));
            return;
        }
        String authorization = request.header(HttpHeaderNames.AUTHORIZATION);
        String ticket = query.first(TICKET);
        Access left = isEvents ? cookies.in(request) : null;
        if (authorization == null && ticket == null && left == null) {
            next.handle(request.by(Access.NONE), responder);
        } else if (!cors.lets(request)) {
            responder.send(foreign());
        } else if (authorization != null && ticket != null) {
            responder.send(invalid("A request says once who asks: in Authorization, or with a ticket."));
        } else if (authorization != null) {
            byToken(authorization, request, responder, next);
        } else if (ticket == null) {
            byCookie(left, request, responder, next);
        } else if (!isEvents && !Handshake.isAsked(request.headers())) {
            responder.send(invalid("A ticket is for WebSockets and event streams; elsewhere send the token in"
                    + " Authorization: Bearer."));
        } else {
            gate.redeem(ticket, responder.loop(), redeemed -> {
                switch (redeemed) {
                    case Redeemed.Good(Access access) ->
                        enter(access, request, isEvents ? settingCookie(access, request, carrier) : responder, next);
                    // An EventSource comes back with the ticket of its URL each time, and lives on its cookie.
                    case Redeemed.Refused() -> {
                        if (!holds(left)) gate.refusedTicket();
                        byCookie(left, request, responder, next);
                    }
                    case Redeemed.Unavailable() -> {
                        if (holds(left)) byCookie(left, request, responder, next);
                        else responder.send(Denials.unavailable());
                    }
                }
            });
        }
    }

    private boolean holds(@Nullable Access left) {
        return left != null && gate.holds(left);
    }

    /**
     * Whoever sends a body has a token, and one that is refused at once is not worth its body: room for bodies is not
     * for anybody to take.
     *
     * @return null if the body may come
     */
    public @Nullable Response beforeBody(Request head) {
        String authorization = head.header(HttpHeaderNames.AUTHORIZATION);
        String token = authorization == null ? null : token(authorization);
        if (token == null) return Denials.unauthorized();
        return gate.isRefused(token) ? Denials.notAccepted() : null;
    }

    private static boolean carriesToken(Query query) {
        for (String name : TOKENS_IN_URLS) {
            if (query.has(name)) return true;
        }
        return false;
    }

    private void byToken(String authorization, Request request, Responder responder, Handler next) {
        String token = token(authorization);
        if (token == null) {
            responder.send(Denials.unauthorized());
            return;
        }
        gate.authenticate(token, responder.loop(), verdict -> {
            switch (verdict) {
                case Verdict.Accepted(Access access) -> enter(access, request, responder, next);
                // One socket could else have any number of forged tokens checked, sent ahead in one read.
                case Verdict.Refused(Reason reason)
                when reason.isForged() -> responder.send(Denials.notAccepted().closing());
                case Verdict.Refused refused -> responder.send(Denials.notAccepted());
                case Verdict.Unavailable() -> responder.send(Denials.unavailable());
            }
        });
    }

    // The token of RFC 6750, section 2.1; null if there is none.
    private static @Nullable String token(String authorization) {
        if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) return null;
        String token = authorization.substring(SCHEME.length()).strip();
        if (token.isEmpty()) return null;
        for (int i = 0; i < token.length(); i++) {
            char c = token.charAt(i);
            boolean allowed = (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || "-._~+/=".indexOf(c) >= 0;
            if (!allowed) return null;
        }
        return token;
    }

    private void byCookie(@Nullable Access left, Request request, Responder responder, Handler next) {
        if (left == null || !gate.holds(left)) responder.send(Denials.notAccepted());
        else if (!cors.trusts(request)) responder.send(foreign());
        else enter(left, request, responder, next);
    }

    private Responder settingCookie(Access access, Request request, Responder carrier) {
        if (!cors.trusts(request)) return new Guarded(carrier, null);
        boolean foreign = cors.isForeign(request);
        return new Guarded(carrier, cookies.of(access, foreign, gate.nowMillis()));
    }

    private static void enter(Access access, Request request, Responder responder, Handler next) {
        responder.admit(access);
        try {
            next.handle(request.by(access), responder);
        } catch (RuntimeException e) { // there may be nobody above but the loop
            LOG.error("A request failed: {} {}", request.method(), request.path(), e);
            responder.send(Response.of(Problem.of(ErrorCode.INTERNAL, "The server made a mistake; it is in its log.")));
        }
    }

    private static Response foreign() {
        return Response.of(Problem.of(ErrorCode.FORBIDDEN, "Pages of this origin may not use this server."));
    }

    private static Response invalid(String sentence) {
        return Response.of(Problem.of(ErrorCode.INVALID, sentence));
    }
}
