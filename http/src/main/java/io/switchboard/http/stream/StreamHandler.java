package io.switchboard.http.stream;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.switchboard.core.access.Right;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.exchange.Exchange;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.time.Ticker;
import io.switchboard.http.Request;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.access.Denials;
import io.switchboard.http.sse.EventStreams;
import io.switchboard.http.wire.ChannelPath;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import io.switchboard.http.wire.Query;
import io.switchboard.http.wire.StreamHeaders;

/** Everything that can be asked of the URL of a channel: one handler a verb. */
public final class StreamHandler {
    /** What the paths of channels begin with. */
    public static final String PREFIX = "/v1/stream/";

    public static final String METHODS = "GET, HEAD, POST, PUT, DELETE, OPTIONS";

    private final CreateHandler create;
    private final AppendHandler append;
    private final ReadHandler read;
    private final HeadHandler head;
    private final DeleteHandler delete;

    public StreamHandler(Exchange exchange, StreamTimes times, Ticker ticker) {
        create = new CreateHandler(exchange, PREFIX);
        append = new AppendHandler(exchange);
        read = new ReadHandler(
                exchange,
                new EventStreams(exchange, times.heartbeatMillis(), times.sseMaxAgeMillis(), ticker),
                times,
                ticker);
        head = new HeadHandler(exchange);
        delete = new DeleteHandler(exchange);
    }

    /** Whether a GET would be answered with an event stream. */
    public static boolean isEventStream(Request request, Query query) {
        return ReadHandler.isEventStream(request, query);
    }

    /** @param query of the request, parsed */
    public void handle(Request request, Query query, Responder responder) {
        switch (ChannelPath.parse(request.path().substring(PREFIX.length()))) {
            case ChannelPath.Refused(String sentence) -> responder.send(Refusals.invalid(sentence));
            case ChannelPath.Named(ChannelName channel) -> {
                switch (request.method().name()) {
                    case "GET" -> {
                        if (may(Right.READ, channel, request, responder))
                            read.handle(channel, query, request, responder);
                    }
                    case "POST" -> {
                        if (mayAppend(channel, request, responder)) append.handle(channel, request, responder);
                    }
                    case "PUT" -> {
                        if (may(Right.MANAGE, channel, request, responder)) create.handle(channel, request, responder);
                    }
                    case "HEAD" -> {
                        if (may(Right.READ, channel, request, responder)) head.handle(channel, responder);
                    }
                    case "DELETE" -> {
                        if (may(Right.MANAGE, channel, request, responder)) delete.handle(channel, responder);
                    }
                    default -> responder.send(methodNotAllowed(METHODS));
                }
            }
        }
    }

    private static boolean may(Right right, ChannelName channel, Request request, Responder responder) {
        return Denials.allows(request, right, channel, responder);
    }

    // The end of a channel is the end for everybody who writes to it, so that it takes more than to be one of them.
    private static boolean mayAppend(ChannelName channel, Request request, Responder responder) {
        boolean closes = AppendHandler.isTrue(request.header(StreamHeaders.CLOSED));
        return (!closes || may(Right.MANAGE, channel, request, responder))
                && ((closes && request.body().length == 0) || may(Right.WRITE, channel, request, responder));
    }

    /** A read of a channel under another path: the newest messages. */
    public void last(ChannelName channel, int messages, Request request, Responder responder) {
        read.last(channel, messages, request, responder);
    }

    /** A read of a channel under another path: plain SSE, whatever the request accepts. */
    public void plain(ChannelName channel, Query query, Request request, Responder responder) {
        String offset = query.first("offset");
        ReadFrom from = offset == null ? null : ReadFrom.parse(offset);
        if (offset != null && from == null) {
            responder.send(Refusals.invalid("offset is -1, now, or an offset that this server gave."));
        } else {
            read.plain(channel, from, request, responder);
        }
    }

    /** A read of a channel under another path: as at its own. */
    public void log(ChannelName channel, Query query, Request request, Responder responder) {
        read.handle(channel, query, request, responder);
    }

    public static Response methodNotAllowed(String allowed) {
        return Response.of(Problem.of(ErrorCode.METHOD_NOT_ALLOWED, "Allowed here: " + allowed + "."))
                .with(HttpHeaderNames.ALLOW, allowed);
    }
}
