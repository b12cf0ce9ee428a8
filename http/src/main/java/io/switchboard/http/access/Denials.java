package io.switchboard.http.access;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.switchboard.core.access.Access;
import io.switchboard.core.access.Right;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.http.Request;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;

/**
 * What those are told who may not. Whether a channel exists is not looked at before, and so cannot be told from the
 * answer.
 */
public final class Denials {
    // RFC 6750, section 3: with an error only where a token came.
    private static final String CHALLENGE = "Bearer realm=\"switchboard\"";
    private static final String CHALLENGE_AFTER_TOKEN = CHALLENGE + ", error=\"invalid_token\"";

    private Denials() {}

    /** Whether the request may do that with the channel; if not, it has been answered. */
    public static boolean allows(Request request, Right right, ChannelName channel, Responder responder) {
        if (request.access().allows(right, channel)) return true;
        responder.send(isNobody(request) ? unauthorized() : Response.of(forbidden(right, channel)));
        return false;
    }

    /** Whether the request said who asks; if not, it has been answered. */
    public static boolean isKnown(Request request, Responder responder) {
        if (!isNobody(request)) return true;
        responder.send(unauthorized());
        return false;
    }

    /** Whether the request comes from an admin; if not, it has been answered. */
    public static boolean isAdmin(Request request, Responder responder) {
        if (!isKnown(request, responder)) return false;
        if (request.access().grants().admin()) return true;
        responder.send(Response.of(Problem.of(ErrorCode.FORBIDDEN, "This takes a token with admin.")));
        return false;
    }

    /** Whether the request came without anything that says who asks. */
    public static boolean isNobody(Request request) {
        return request.access().equals(Access.NONE);
    }

    /** What somebody is told whose token does not allow that, on any transport. */
    public static Problem forbidden(Right right, ChannelName channel) {
        String what =
                switch (right) {
                    case READ -> "read";
                    case WRITE -> "write";
                    case MANAGE -> "manage";
                };
        return Problem.of(ErrorCode.FORBIDDEN, "The token does not allow to " + what + " this channel.")
                .with("channel", channel.value());
    }

    /** Nobody said who asks. */
    static Response unauthorized() {
        return Response.of(Problem.of(
                        ErrorCode.UNAUTHORIZED,
                        "This takes a token: Authorization: Bearer, or a ticket for WebSockets and event streams."))
                .with(HttpHeaderNames.WWW_AUTHENTICATE, CHALLENGE);
    }

    /** What came is not accepted; why is not said. */
    static Response notAccepted() {
        return Response.of(Problem.of(ErrorCode.UNAUTHORIZED, "What this was asked with is not accepted."))
                .with(HttpHeaderNames.WWW_AUTHENTICATE, CHALLENGE_AFTER_TOKEN);
    }

    /** The credentials cannot be checked now. */
    static Response unavailable() {
        return Response.of(uncheckable()).with(HttpHeaderNames.RETRY_AFTER, "2");
    }

    /** The same, for a line. */
    public static Problem uncheckable() {
        return Problem.of(ErrorCode.UNAVAILABLE, "Tokens cannot be checked now; try again.");
    }
}
