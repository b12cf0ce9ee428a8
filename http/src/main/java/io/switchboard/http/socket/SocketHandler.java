package io.switchboard.http.socket;

import io.switchboard.core.access.Access;
import io.switchboard.core.channel.ChannelInfo;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.exchange.Exchange;
import io.switchboard.core.reading.Page;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.websocket.Handshake;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import io.switchboard.http.wire.Query;
import java.util.function.Function;

/** Opens a plain WebSocket on a channel. What is wrong with the request is told as HTTP, before the upgrade. */
public final class SocketHandler {
    private final Exchange exchange;
    private final Function<Page, Response> refusals;

    /** @param refusals what a page other than messages or the tail is answered with */
    public SocketHandler(Exchange exchange, Function<Page, Response> refusals) {
        this.exchange = exchange;
        this.refusals = refusals;
    }

    /** @param access of the client, which may read the channel */
    public void handle(ChannelName channel, Access access, Query query, Handshake handshake, Responder responder) {
        if (handshake.subprotocols().contains("switchboard.v1")) {
            responder.send(invalid("switchboard.v1 is spoken on /live."));
            return;
        }
        if (query.has("echo")) {
            EchoSocket.open(channel, handshake, responder);
            return;
        }
        String offset = query.first("offset");
        ReadFrom from = offset == null ? new ReadFrom.Now() : ReadFrom.parse(offset);
        if (from == null || query.repeats("offset")) {
            responder.send(invalid("offset is -1, now, or an offset that this server gave, and comes once."));
            return;
        }
        exchange.page(channel, from, 1, responder.loop(), page -> {
            switch (page) {
                case Page.Messages(ChannelInfo info, var tail, var run) ->
                    ChannelSocket.open(info, access, from, exchange, handshake, responder);
                case Page.AtTail(ChannelInfo info, Tail tail) ->
                    ChannelSocket.open(info, access, new ReadFrom.At(tail.offset()), exchange, handshake, responder);
                default -> responder.send(refusals.apply(page));
            }
        });
    }

    private static Response invalid(String sentence) {
        return Response.of(Problem.of(ErrorCode.INVALID, sentence));
    }
}
