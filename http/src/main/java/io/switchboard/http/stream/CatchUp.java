package io.switchboard.http.stream;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.AsciiString;
import io.switchboard.core.channel.ChannelInfo;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Run;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.reading.Delivery;
import io.switchboard.core.reading.Page;
import io.switchboard.core.store.Stretch;
import io.switchboard.http.Request;
import io.switchboard.http.Response;
import io.switchboard.http.wire.ETags;
import io.switchboard.http.wire.StreamHeaders;
import org.jspecify.annotations.Nullable;

/** The answers to one request that carry messages, or the news that there are none. Used by one loop. */
final class CatchUp {
    private static final AsciiString CACHEABLE = AsciiString.cached("public, max-age=60, stale-while-revalidate=300");
    private static final AsciiString NO_CACHE = AsciiString.cached("no-cache");
    private static final AsciiString NO_STORE = AsciiString.cached("no-store");
    private static final AsciiString BRIEFLY = AsciiString.cached("public, max-age=1");
    private static final byte[] EMPTY_ARRAY = {'[', ']'};
    private static final byte[] EMPTY = {};

    private final Request request;
    private final Representation as;
    private final int bytesMax;
    private final @Nullable String heartbeat;

    /**
     * @param as what messages look like in them
     * @param bytesMax what one of them holds at most, where {@code as} makes more of messages than they are
     * @param heartbeat within how many seconds a long-poll is answered; null where nobody has to know
     */
    CatchUp(Request request, Representation as, int bytesMax, @Nullable String heartbeat) {
        this.request = request;
        this.as = as;
        this.bytesMax = bytesMax;
        this.heartbeat = heartbeat;
    }

    /** Whether the messages are sent as they are, so that a file that holds them will do. */
    boolean takesFiles() {
        return as == Representation.MESSAGES;
    }

    /**
     * Messages from a position on. Between two positions the bytes are always the same; how far an answer goes depends
     * on what is in memory just then, and its tag and next offset say how far.
     */
    Response of(Page.Messages page) {
        return oldest(page.info(), page.run(), page.reachesTail(), page.tail().closed());
    }

    /** The same, of messages that lie in a file. */
    Response of(Page.InFile page) {
        Stretch stretch = page.stretch();
        boolean ends = page.reachesTail() && page.tail().closed();
        String etag = etag(page.info(), stretch.firstSequence() - 1, stretch.last(), ends);
        Response response = head(page.info(), stretch.last(), etag, CACHEABLE);
        if (page.reachesTail()) response.with(StreamHeaders.UP_TO_DATE, StreamHeaders.TRUE);
        if (ends) response.with(StreamHeaders.CLOSED, StreamHeaders.TRUE);
        if (response.status() != 304) {
            for (Stretch.Part part : stretch.parts()) {
                response.file(part.file(), part.position(), part.length(), part.closed());
            }
            return response;
        }
        stretch.close();
        return response;
    }

    /** Messages that were just committed. */
    Response of(ChannelInfo info, Delivery delivery) {
        return oldest(info, delivery.run(), delivery.reachesTail(), delivery.closes());
    }

    private Response oldest(ChannelInfo info, Run run, boolean reachesTail, boolean closed) {
        Run fitting = as.oldest(info.name(), run, bytesMax);
        boolean toTail = reachesTail && fitting.lastSequence() == run.lastSequence();
        return messages(info, fitting, toTail, toTail && closed, CACHEABLE);
    }

    /** Messages up to a position, or the newest ones; those are others a moment later. */
    Response backwards(Page.Messages page, boolean newest) {
        boolean ends = page.reachesTail() && page.tail().closed();
        Run run = as.newest(page.info().name(), page.run(), bytesMax);
        String before = page.info().lineage().offsetAt(run.firstSequence() - 1).toString();
        return messages(page.info(), run, page.reachesTail(), ends, newest ? BRIEFLY : CACHEABLE)
                .with(StreamHeaders.PREVIOUS_OFFSET, before);
    }

    private Response messages(ChannelInfo info, Run run, boolean reachesTail, boolean ends, AsciiString cacheControl) {
        String etag = etag(info, run.firstSequence() - 1, run.lastOffset(), ends);
        Response response = head(info, run.lastOffset(), etag, cacheControl);
        if (reachesTail) response.with(StreamHeaders.UP_TO_DATE, StreamHeaders.TRUE);
        if (ends) response.with(StreamHeaders.CLOSED, StreamHeaders.TRUE);
        return response.status() == 304 ? response : response.body(as.body(info, run));
    }

    /** Nothing after the position yet. Not to be cached, so that a loop that polls sees the next message. */
    Response atTail(Page.AtTail page) {
        Tail tail = page.tail();
        String etag = etag(page.info(), tail.sequence(), tail.offset(), tail.closed());
        return tail(page, head(page.info(), tail.offset(), etag, NO_CACHE));
    }

    /** Nothing before a position: what is retained begins there. It says nothing about the tail. */
    Response nothingBefore(ChannelInfo info, Offset position) {
        Response response = head(info, position, etag(info, position.sequence(), position, false), NO_CACHE);
        return response.status() == 304 ? response : response.body(nothing(info));
    }

    /** The answer to {@code offset=now}: no messages, whatever there is. */
    Response now(Page.AtTail page) {
        Response response = Response.of(200)
                .with(HttpHeaderNames.CONTENT_TYPE, as.contentType(page.info()))
                .with(HttpHeaderNames.CACHE_CONTROL, NO_STORE)
                .with(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT)
                .with(StreamHeaders.NEXT_OFFSET, page.tail().offset().toString());
        return tail(page, announced(response));
    }

    private Response tail(Page.AtTail page, Response response) {
        response.with(StreamHeaders.UP_TO_DATE, StreamHeaders.TRUE);
        if (page.tail().closed()) response.with(StreamHeaders.CLOSED, StreamHeaders.TRUE);
        if (response.status() == 304) return response;
        return response.body(nothing(page.info()));
    }

    private byte[] nothing(ChannelInfo info) {
        return as.isArray(info) ? EMPTY_ARRAY : EMPTY;
    }

    private Response head(ChannelInfo info, Offset next, String etag, AsciiString cacheControl) {
        boolean known = ETags.matchesAny(request.headers().getAll(HttpHeaderNames.IF_NONE_MATCH), etag);
        Response response = Response.of(known ? 304 : 200);
        if (!known) response.with(HttpHeaderNames.CONTENT_TYPE, as.contentType(info));
        return announced(response.with(HttpHeaderNames.CACHE_CONTROL, cacheControl)
                .with(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT)
                .with(HttpHeaderNames.ETAG, etag)
                .with(StreamHeaders.NEXT_OFFSET, next.toString()));
    }

    /** Says within what time a long-poll is answered, if that is to be said. */
    Response announced(Response response) {
        return heartbeat == null ? response : response.with(StreamHeaders.HEARTBEAT, heartbeat);
    }

    private String etag(ChannelInfo info, long after, Offset next, boolean ends) {
        return "\"" + info.id() + ":" + after + ":" + next.generation() + "_" + next.sequence() + as.mark()
                + (ends ? ":c\"" : "\"");
    }
}
