package io.switchboard.http.stream;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.switchboard.core.channel.ChannelInfo;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.exchange.Exchange;
import io.switchboard.core.reading.Delivery;
import io.switchboard.core.reading.Outlet;
import io.switchboard.core.reading.Page;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.reading.Reader;
import io.switchboard.core.store.Failure;
import io.switchboard.core.time.Ticker;
import io.switchboard.http.Occupation;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.Waiting;
import io.switchboard.http.wire.Cursor;
import io.switchboard.http.wire.StreamHeaders;
import org.jspecify.annotations.Nullable;

/**
 * The long-poll outlet: waits at the tail for the first messages and answers with them, or with 204 when
 * the time is up (Durable Streams, section 5.7).
 */
final class LongPoll implements Outlet, Waiting {
    private final ChannelInfo info;
    private final Offset at;
    private final CatchUp answers;
    private final @Nullable String cursor;
    private final Responder responder;
    private final Ticker ticker;
    private @Nullable Reader reader;
    private boolean over;

    private LongPoll(
            ChannelInfo info, Offset at, CatchUp answers, @Nullable String cursor, Responder responder, Ticker ticker) {
        this.info = info;
        this.at = at;
        this.answers = answers;
        this.cursor = cursor;
        this.responder = responder;
        this.ticker = ticker;
    }

    /** Answers the request when there is something after {@code page}, or when {@code timeoutMillis} have passed. */
    static void open(
            Page.AtTail page,
            CatchUp answers,
            @Nullable String cursor,
            Responder responder,
            Exchange exchange,
            Ticker ticker,
            long timeoutMillis) {
        Tail tail = page.tail();
        LongPoll poll = new LongPoll(page.info(), tail.offset(), answers, cursor, responder, ticker);
        if (tail.closed()) {
            poll.answer(poll.nothing(tail.offset()).with(StreamHeaders.CLOSED, StreamHeaders.TRUE));
            return;
        }
        responder.await(poll, ticker.nowMillis() + timeoutMillis);
        if (poll.over) return;
        poll.reader = exchange.read(page.info().name(), new ReadFrom.At(tail.offset()), false, responder.loop(), poll);
    }

    private void answer(Response response) {
        if (over) return;
        over = true;
        if (reader != null) reader.close();
        responder.send(response);
    }

    private Response nothing(Offset at) {
        return answers.announced(Response.of(204)
                .with(HttpHeaderNames.CACHE_CONTROL, "no-cache")
                .with(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT)
                .with(StreamHeaders.NEXT_OFFSET, at.toString())
                .with(StreamHeaders.UP_TO_DATE, StreamHeaders.TRUE));
    }

    private Response withCursor(Response response) {
        return response.with(StreamHeaders.CURSOR, Long.toString(Cursor.after(cursor, ticker.nowMillis())));
    }

    @Override
    public Offer offer(Reader reads, Delivery delivery) {
        answer(withCursor(answers.of(info, delivery)));
        return Offer.ACCEPTED;
    }

    @Override
    public void caughtUp(Reader reads) {}

    @Override
    public AfterGap gap(Reader reads, Offset from, Offset to) {
        answer(to.sequence() > from.sequence() ? Refusals.trimmed(to) : Refusals.lost(to));
        return AfterGap.STOP;
    }

    @Override
    public void ended(Reader reads, End end) {
        answer(
                switch (end) {
                    case CLOSED -> nothing(reads.position()).with(StreamHeaders.CLOSED, StreamHeaders.TRUE);
                    case DELETED -> Refusals.notFound();
                    case FAILED -> Refusals.failed(Failure.UNAVAILABLE);
                });
    }

    @Override
    public void due(long nowMillis) {
        answer(withCursor(nothing(at)));
    }

    @Override
    public void gone() {
        over = true;
        if (reader != null) reader.close();
    }

    @Override
    public void expire() {
        answer(withCursor(nothing(at)));
    }

    @Override
    public Occupation occupation() {
        return Occupation.of("long-poll", info.name().value(), false);
    }

    @Override
    public void drain(long afterMillis) {
        answer(withCursor(nothing(at)));
    }
}
