package io.switchboard.http.stream;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.switchboard.core.channel.ChannelInfo;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Run;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.exchange.Exchange;
import io.switchboard.core.reading.Page;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.time.Ticker;
import io.switchboard.http.Request;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.sse.EventStreams;
import io.switchboard.http.wire.Accept;
import io.switchboard.http.wire.Cursor;
import io.switchboard.http.wire.Query;
import io.switchboard.http.wire.SafeInteger;
import io.switchboard.http.wire.StreamHeaders;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** GET: which of the ways to read a channel a request asks for, and its beginning. */
final class ReadHandler {
    /** The most messages that {@code ?last=} and {@code &limit=} may ask for. */
    static final long COUNT_MAX = 10_000;

    /** The parameters that a read may not name twice. */
    private static final List<String> ONCE = List.of("offset", "live", "last", "before", "as");

    private static final String LAST_EVENT_ID = "Last-Event-ID";

    private final Exchange exchange;
    private final EventStreams streams;
    private final StreamTimes times;
    private final String longPollSeconds;
    private final Ticker ticker;

    ReadHandler(Exchange exchange, EventStreams streams, StreamTimes times, Ticker ticker) {
        this.exchange = exchange;
        this.streams = streams;
        this.times = times;
        this.longPollSeconds = StreamHeaders.seconds(times.longPollTimeoutMillis());
        this.ticker = ticker;
    }

    /** Whether {@link #handle} answers with an event stream, if the request is as it should be. */
    static boolean isEventStream(Request request, Query query) {
        String live = query.first("live");
        if (live != null) return live.equals("sse");
        return !query.has("last")
                && !query.has("before")
                && Accept.asksForEventStream(request.headers().getAll(HttpHeaderNames.ACCEPT));
    }

    void handle(ChannelName channel, Query query, Request request, Responder responder) {
        String offset = query.first("offset");
        String live = query.first("live");
        for (String name : ONCE) {
            if (query.repeats(name)) {
                responder.send(Refusals.invalid("offset, live, last, before and as come at most once."));
                return;
            }
        }
        String as = query.first("as");
        if (as != null && !as.equals(Representation.ENVELOPES_WORD)) {
            responder.send(Refusals.invalid("as is " + Representation.ENVELOPES_WORD + "."));
            return;
        }
        if (as != null && isEventStream(request, query)) {
            responder.send(Refusals.invalid("as is not for event streams: their events have ids."));
            return;
        }
        Representation representation = as == null ? Representation.MESSAGES : Representation.ENVELOPES;
        // Whoever reads envelopes is one who may wait for the next.
        boolean waits = as != null || "long-poll".equals(live);
        CatchUp answers = new CatchUp(request, representation, times.readBytesMax(), waits ? longPollSeconds : null);
        ReadFrom from = null;
        if (offset != null) {
            from = ReadFrom.parse(offset);
            if (from == null) {
                responder.send(Refusals.invalid("offset is -1, now, or an offset that this server gave."));
                return;
            }
        }
        if (live != null) {
            live(channel, live, from, query.first("cursor"), answers, responder);
        } else if (query.has("last") || query.has("before")) {
            if (from != null) responder.send(Refusals.invalid("last, before and offset exclude each other."));
            else backwards(channel, query, answers, responder);
        } else if (isEventStream(request, query)) {
            plain(channel, from, request, responder);
        } else if (from == null && answers.takesFiles() && request.header(HttpHeaderNames.RANGE) != null) {
            new FileRead(exchange, channel, request, responder)
                    .open(() -> catchUp(channel, new ReadFrom.Earliest(), answers, responder));
        } else {
            catchUp(channel, from == null ? new ReadFrom.Earliest() : from, answers, responder);
        }
    }

    private void catchUp(ChannelName channel, ReadFrom from, CatchUp answers, Responder responder) {
        look(
                channel,
                from,
                answers,
                responder,
                page -> responder.send(
                        switch (page) {
                            case Page.Messages messages -> answers.of(messages);
                            case Page.InFile file -> answers.of(file);
                            case Page.AtTail tail when from instanceof ReadFrom.Now -> answers.now(tail);
                            case Page.AtTail tail -> answers.atTail(tail);
                            default -> Refusals.of(page);
                        }));
    }

    private void look(ChannelName channel, ReadFrom from, CatchUp answers, Responder responder, Consumer<Page> answer) {
        if (answers.takesFiles() && responder.sendsFiles())
            exchange.pageOrFile(channel, from, times.readBytesMax(), responder.loop(), answer);
        else exchange.page(channel, from, times.readBytesMax(), responder.loop(), answer);
    }

    /** {@code ?last=N}, or {@code ?before=OFFSET&limit=N}. */
    private void backwards(ChannelName channel, Query query, CatchUp answers, Responder responder) {
        String before = query.first("before");
        String count = before == null ? query.first("last") : query.first("limit");
        long messages = count == null ? (before == null ? SafeInteger.INVALID : 100) : SafeInteger.parse(count);
        if (messages < 1 || messages > COUNT_MAX || (before != null && query.has("last"))) {
            responder.send(Refusals.invalid("last=N, or before=OFFSET&limit=N, with N from 1 to " + COUNT_MAX + "."));
            return;
        }
        if (before == null) {
            last(channel, messages, answers, responder);
            return;
        }
        Offset offset = Offset.parse(before);
        if (offset == null) {
            responder.send(Refusals.invalid("before is an offset that this server gave."));
            return;
        }
        before(channel, offset, messages, false, answers, responder);
    }

    void last(ChannelName channel, long messages, Request request, Responder responder) {
        CatchUp answers = new CatchUp(request, Representation.MESSAGES, times.readBytesMax(), null);
        last(channel, messages, answers, responder);
    }

    private void last(ChannelName channel, long messages, CatchUp answers, Responder responder) {
        exchange.page(channel, new ReadFrom.Last(messages), times.readBytesMax(), responder.loop(), page -> {
            if (page instanceof Page.Messages found && !found.reachesTail()) {
                // Too many bytes, or somebody appended meanwhile: the end is fixed now.
                before(channel, found.tail().offset(), messages, true, answers, responder);
            } else {
                responder.send(backwards(page, messages, true, answers));
            }
        });
    }

    // A page begins at its oldest message; where too few bytes fit to reach its end, fewer messages do.
    private void before(
            ChannelName channel, Offset end, long messages, boolean newest, CatchUp answers, Responder responder) {
        ReadFrom from = new ReadFrom.Before(end, messages);
        exchange.page(channel, from, times.readBytesMax(), responder.loop(), page -> {
            if (page instanceof Page.Messages found && found.run().lastSequence() < end.sequence() && messages > 1) {
                before(channel, end, messages / 2, newest, answers, responder);
            } else if (page instanceof Page.AtTail(ChannelInfo info, var tail)) {
                responder.send(answers.nothingBefore(info, end));
            } else {
                responder.send(backwards(page, messages, newest, answers));
            }
        });
    }

    private static Response backwards(Page page, long messages, boolean newest, CatchUp answers) {
        return switch (page) {
            case Page.Messages(ChannelInfo info, Tail tail, Run run) -> {
                // More, if some were committed during the look.
                Run wanted = run.count() > messages ? run.after(run.lastSequence() - messages) : run;
                yield answers.backwards(new Page.Messages(info, tail, wanted), newest);
            }
            case Page.AtTail tail -> answers.atTail(tail);
            default -> Refusals.of(page);
        };
    }

    private void live(
            ChannelName channel,
            String live,
            @Nullable ReadFrom from,
            @Nullable String cursor,
            CatchUp answers,
            Responder responder) {
        if (from == null) {
            responder.send(Refusals.invalid("live reads begin at an offset; now is one."));
        } else if (live.equals("long-poll")) {
            look(channel, from, answers, responder, page -> {
                switch (page) {
                    case Page.Messages messages ->
                        responder.send(answers.of(messages)
                                .with(StreamHeaders.CURSOR, Long.toString(Cursor.after(cursor, ticker.nowMillis()))));
                    case Page.InFile file ->
                        responder.send(answers.of(file)
                                .with(StreamHeaders.CURSOR, Long.toString(Cursor.after(cursor, ticker.nowMillis()))));
                    case Page.AtTail tail ->
                        LongPoll.open(
                                tail, answers, cursor, responder, exchange, ticker, times.longPollTimeoutMillis());
                    default -> responder.send(Refusals.of(page));
                }
            });
        } else if (live.equals("sse")) {
            exchange.page(channel, from, 1, responder.loop(), page -> {
                switch (page) {
                    case Page.Messages messages -> streams.durable(messages.info(), from, cursor, responder);
                    case Page.AtTail tail ->
                        streams.durable(tail.info(), new ReadFrom.At(tail.tail().offset()), cursor, responder);
                    default -> responder.send(Refusals.of(page));
                }
            });
        } else {
            responder.send(Refusals.invalid("live is long-poll or sse."));
        }
    }

    /** Plain SSE: {@code Last-Event-ID} wins over {@code offset}, and without either it begins now. */
    void plain(ChannelName channel, @Nullable ReadFrom asked, Request request, Responder responder) {
        String lastEventId = request.header(LAST_EVENT_ID);
        ReadFrom from = lastEventId == null || lastEventId.isEmpty() ? asked : ReadFrom.parse(lastEventId);
        if (lastEventId != null && !lastEventId.isEmpty() && from == null) {
            responder.send(Refusals.invalid("Last-Event-ID is an id that this server gave."));
            return;
        }
        ReadFrom begin = from == null ? new ReadFrom.Now() : from;
        exchange.page(channel, begin, 1, responder.loop(), page -> {
            switch (page) {
                // 204 is what stops an EventSource from coming back.
                case Page.AtTail(ChannelInfo info, var tail)
                when tail.closed() ->
                    responder.send(Response.of(204)
                            .with(HttpHeaderNames.CACHE_CONTROL, "no-store")
                            .with(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT)
                            .with(StreamHeaders.CLOSED, StreamHeaders.TRUE)
                            .with(StreamHeaders.NEXT_OFFSET, tail.offset().toString()));
                case Page.AtTail(ChannelInfo info, var tail) ->
                    streams.plain(info, new ReadFrom.At(tail.offset()), responder);
                case Page.Messages messages -> streams.plain(messages.info(), begin, responder);
                case Page.Trimmed(ChannelInfo info, var earliest) -> streams.plain(info, begin, responder);
                case Page.Lost(ChannelInfo info, var resumeAt) -> streams.plain(info, begin, responder);
                default -> responder.send(Refusals.of(page));
            }
        });
    }
}
