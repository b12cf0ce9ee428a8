package io.switchboard.http.live;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.switchboard.core.access.Right;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.exchange.Exchange;
import io.switchboard.core.presence.Presence;
import io.switchboard.core.reading.Page;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.time.Ticker;
import io.switchboard.http.Request;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.access.Denials;
import io.switchboard.http.sse.EventStreams;
import io.switchboard.http.websocket.Handshake;
import io.switchboard.http.wire.Accept;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import io.switchboard.http.wire.Query;
import io.switchboard.http.wire.StreamHeaders;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /live?channel=a&channel=b}: one event stream over several channels, whose event id is the
 * position in all of them. A channel that is not there yet is waited for.
 */
public final class LiveHandler {
    private static final String LAST_EVENT_ID = "Last-Event-ID";

    private final Exchange exchange;
    private final Presence presence;
    private final int channelsMax;
    private final int subscriptionsMax;
    private final long heartbeatMillis;
    private final Ticker ticker;
    private final @Nullable Greeting greeting;

    /**
     * @param channelsMax of one stream, 1 or more
     * @param subscriptionsMax of one WebSocket, 1 or more
     * @param greeting null if anybody may do anything
     */
    public LiveHandler(
            Exchange exchange,
            Presence presence,
            int channelsMax,
            int subscriptionsMax,
            long heartbeatMillis,
            Ticker ticker,
            @Nullable Greeting greeting) {
        this.exchange = exchange;
        this.presence = presence;
        this.channelsMax = channelsMax;
        this.subscriptionsMax = subscriptionsMax;
        this.heartbeatMillis = heartbeatMillis;
        this.ticker = ticker;
        this.greeting = greeting;
    }

    /** {@code /live} as a WebSocket, over whatever channels the client subscribes to. */
    public void open(Handshake handshake, Request request, Responder responder) {
        boolean bare = !LineSocket.speaksV1(handshake);
        if (bare && !Denials.isKnown(request, responder)) return; // it has no way to say it later
        Speaker speaker = new Speaker(request.access(), greeting);
        LineSocket line = new LineSocket(bare, speaker, exchange, presence, ticker, subscriptionsMax);
        responder.upgrade(handshake, bare ? null : LineSocket.SUBPROTOCOL, line);
    }

    /** Whether {@link #handle} answers with an event stream, if the request is as it should be. */
    public static boolean isEventStream(Request request) {
        return Accept.asksForEventStream(request.headers().getAll(HttpHeaderNames.ACCEPT));
    }

    public void handle(Request request, Query query, Responder responder) {
        if (!isEventStream(request)) {
            responder.send(Response.of(Problem.of(
                    ErrorCode.NOT_ACCEPTABLE, "This is an event stream: ask for it with Accept: text/event-stream.")));
            return;
        }
        List<String> asked = query.all("channel");
        if (asked.isEmpty() || asked.size() > channelsMax) {
            responder.send(invalid("Name 1 to " + channelsMax + " channels: /live?channel=NAME&channel=NAME."));
            return;
        }
        List<ChannelName> channels = new ArrayList<>(asked.size());
        for (String name : asked) {
            String problem = ChannelName.problemWith(name);
            if (problem != null) {
                // Whose name it is, so that a client can go on with the others.
                responder.send(
                        Response.of(Problem.of(ErrorCode.INVALID, problem).with("channel", name)));
                return;
            }
            channels.add(new ChannelName(name));
        }
        for (ChannelName channel : channels) {
            if (!Denials.allows(request, Right.READ, channel, responder)) return;
        }
        if (new HashSet<>(channels).size() < channels.size()) {
            responder.send(invalid("Each channel comes once."));
            return;
        }
        String id = request.header(LAST_EVENT_ID);
        List<ReadFrom> from = positions(id, channels.size());
        if (from == null) {
            responder.send(
                    invalid("Last-Event-ID is an id that this server gave for the same channels in the same order."));
            return;
        }
        if (id == null || id.isEmpty()) beginNow(channels, new ArrayList<>(), responder);
        else reopen(channels, from, 0, responder);
    }

    // Whoever has seen the head of the answer gets what is published from then on: where each channel stands
    // is found out before. One that is not there will be read from its beginning.
    private void beginNow(List<ChannelName> channels, List<ReadFrom> found, Responder responder) {
        if (found.size() == channels.size()) {
            open(channels, found, responder);
            return;
        }
        exchange.page(channels.get(found.size()), new ReadFrom.Now(), 1, responder.loop(), page -> {
            if (page instanceof Page.Failed) {
                responder.send(
                        Response.of(Problem.of(ErrorCode.UNAVAILABLE, "The store does not answer now; try again."))
                                .with(HttpHeaderNames.RETRY_AFTER, "1"));
                return;
            }
            found.add(
                    page instanceof Page.AtTail(var info, Tail tail)
                            ? new ReadFrom.At(tail.offset())
                            : new ReadFrom.Earliest());
            beginNow(channels, found, responder);
        });
    }

    private void open(List<ChannelName> channels, List<ReadFrom> from, Responder responder) {
        LiveStream stream = new LiveStream(heartbeatMillis);
        Response head = EventStreams.head(heartbeatMillis);
        stream.begin(responder.stream(head, stream), channels, from, exchange, responder.loop());
    }

    // A client that comes back to nothing but the ends of closed channels is told to stay away: 204 is what
    // stops an EventSource. The header says that it is our word, and not that of something in between.
    private void reopen(List<ChannelName> channels, List<ReadFrom> from, int next, Responder responder) {
        if (next == channels.size()) {
            responder.send(Response.of(204)
                    .with(HttpHeaderNames.CACHE_CONTROL, "no-store")
                    .with(StreamHeaders.CLOSED, StreamHeaders.TRUE));
            return;
        }
        exchange.page(channels.get(next), from.get(next), 1, responder.loop(), page -> {
            boolean ended = page instanceof Page.AtTail(var info, Tail tail) && tail.closed();
            if (ended) reopen(channels, from, next + 1, responder);
            else open(channels, from, responder);
        });
    }

    private static Response invalid(String sentence) {
        return Response.of(Problem.of(ErrorCode.INVALID, sentence));
    }

    private static @Nullable List<ReadFrom> positions(@Nullable String id, int channels) {
        List<ReadFrom> from = new ArrayList<>(channels);
        if (id == null || id.isEmpty()) {
            for (int i = 0; i < channels; i++) from.add(new ReadFrom.Now());
            return from;
        }
        String[] parts = id.split(",", -1);
        if (parts.length != channels) return null;
        for (String part : parts) {
            Offset offset = Offset.parse(part);
            if (offset == null && !part.equals(LiveStream.NOWHERE)) return null;
            // A channel that was not there yet begins at its beginning.
            from.add(offset == null || offset.equals(Offset.ZERO) ? new ReadFrom.Earliest() : new ReadFrom.At(offset));
        }
        return from;
    }
}
