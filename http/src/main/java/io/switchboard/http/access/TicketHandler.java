package io.switchboard.http.access;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.switchboard.core.access.Tickets;
import io.switchboard.core.access.Tickets.Issued;
import io.switchboard.http.Request;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import java.nio.charset.StandardCharsets;

/** {@code POST /v1/tickets}: a value for a URL that stands for the request's token, once and for a short time. */
public final class TicketHandler {
    private static final String RETRY_SECONDS = "5";

    private final Gate gate;

    public TicketHandler(Gate gate) {
        this.gate = gate;
    }

    public void issue(Request request, Responder responder) {
        if (!Denials.isKnown(request, responder)) return;
        long left = request.access().expiresAtMillis() - gate.nowMillis();
        long seconds = Math.ceilDiv(Math.min(left, Tickets.LIFE_MILLIS), 1_000L);
        gate.issue(
                request.access(),
                responder.loop(),
                issued -> responder.send(
                        switch (issued) {
                            case Issued.Given(String ticket) -> given(ticket, seconds);
                            case Issued.TooManyOfSubject() ->
                                later(ErrorCode.TOO_MANY, "You hold as many tickets as one may; use them.");
                            case Issued.TooMany() ->
                                later(
                                        ErrorCode.UNAVAILABLE,
                                        "There are as many tickets under way as may be; try again.");
                            case Issued.Unavailable() ->
                                later(ErrorCode.UNAVAILABLE, "No tickets can be given now; try again.");
                        }));
    }

    private static Response given(String ticket, long seconds) {
        return Response.of(200)
                .with(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .with(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .body(("{\"ticket\":\"" + ticket + "\",\"expiresIn\":" + seconds + "}")
                        .getBytes(StandardCharsets.UTF_8));
    }

    private static Response later(ErrorCode code, String sentence) {
        return Response.of(Problem.of(code, sentence)).with(HttpHeaderNames.RETRY_AFTER, RETRY_SECONDS);
    }
}
