package io.switchboard.http.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.AsciiString;
import io.switchboard.core.channel.ChannelInfo;
import io.switchboard.core.channel.ContentType;
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

/** The response that carries a page of messages, or the news that there are none. */
final class CatchUp {
    private static final AsciiString CACHEABLE = AsciiString.cached("public, max-age=60, stale-while-revalidate=300");
    private static final AsciiString NO_CACHE = AsciiString.cached("no-cache");
    private static final AsciiString NO_STORE = AsciiString.cached("no-store");
    private static final AsciiString BRIEFLY = AsciiString.cached("public, max-age=1");
    private static final byte[] EMPTY_ARRAY = {'[', ']'};
    private static final byte[] EMPTY = {};

    private CatchUp() {}

    /**
     * Messages from a position on. Between two positions the bytes are always the same; how far an answer goes depends
     * on what is in memory just then, and its tag and next offset say how far.
     */
    static Response of(Page.Messages page, Request request) {
        boolean ends = page.reachesTail() && page.tail().closed();
        return messages(page.info(), page.run(), page.reachesTail(), ends, CACHEABLE, request);
    }

    /** The same, of messages that lie in a file. */
    static Response of(Page.InFile page, Request request) {
        Stretch stretch = page.stretch();
        boolean ends = page.reachesTail() && page.tail().closed();
        String etag = etag(page.info(), stretch.firstSequence() - 1, stretch.last(), ends);
        Response response = head(page.info(), stretch.last(), etag, CACHEABLE, request);
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
    static Response of(ChannelInfo info, Delivery delivery, Request request) {
        return messages(info, delivery.run(), delivery.reachesTail(), delivery.closes(), CACHEABLE, request);
    }

    /** Messages up to a position, or the newest ones; those are others a moment later. */
    static Response backwards(Page.Messages page, boolean newest, Request request) {
        boolean ends = page.reachesTail() && page.tail().closed();
        String before =
                page.info().lineage().offsetAt(page.run().firstSequence() - 1).toString();
        return messages(page.info(), page.run(), page.reachesTail(), ends, newest ? BRIEFLY : CACHEABLE, request)
                .with(StreamHeaders.PREVIOUS_OFFSET, before);
    }

    private static Response messages(
            ChannelInfo info, Run run, boolean reachesTail, boolean ends, AsciiString cacheControl, Request request) {
        String etag = etag(info, run.firstSequence() - 1, run.lastOffset(), ends);
        Response response = head(info, run.lastOffset(), etag, cacheControl, request);
        if (reachesTail) response.with(StreamHeaders.UP_TO_DATE, StreamHeaders.TRUE);
        if (ends) response.with(StreamHeaders.CLOSED, StreamHeaders.TRUE);
        return response.status() == 304 ? response : response.body(body(info.type(), run));
    }

    /** Nothing after the position yet. Not to be cached, so that a loop that polls sees the next message. */
    static Response atTail(Page.AtTail page, Request request) {
        Tail tail = page.tail();
        String etag = etag(page.info(), tail.sequence(), tail.offset(), tail.closed());
        return tail(page, head(page.info(), tail.offset(), etag, NO_CACHE, request));
    }

    /** Nothing before a position: what is retained begins there. It says nothing about the tail. */
    static Response nothingBefore(ChannelInfo info, Offset position, Request request) {
        Response response = head(info, position, etag(info, position.sequence(), position, false), NO_CACHE, request);
        return response.status() == 304 ? response : response.body(nothing(info));
    }

    /** The answer to {@code offset=now}: no messages, whatever there is. */
    static Response now(Page.AtTail page) {
        Response response = Response.of(200)
                .with(HttpHeaderNames.CONTENT_TYPE, page.info().type().value())
                .with(HttpHeaderNames.CACHE_CONTROL, NO_STORE)
                .with(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT)
                .with(StreamHeaders.NEXT_OFFSET, page.tail().offset().toString());
        return tail(page, response);
    }

    private static Response tail(Page.AtTail page, Response response) {
        response.with(StreamHeaders.UP_TO_DATE, StreamHeaders.TRUE);
        if (page.tail().closed()) response.with(StreamHeaders.CLOSED, StreamHeaders.TRUE);
        if (response.status() == 304) return response;
        return response.body(nothing(page.info()));
    }

    private static byte[] nothing(ChannelInfo info) {
        return info.type().kind() == ContentType.Kind.JSON ? EMPTY_ARRAY : EMPTY;
    }

    private static Response head(
            ChannelInfo info, Offset next, String etag, AsciiString cacheControl, Request request) {
        boolean known = ETags.matchesAny(request.headers().getAll(HttpHeaderNames.IF_NONE_MATCH), etag);
        Response response = Response.of(known ? 304 : 200);
        if (!known) response.with(HttpHeaderNames.CONTENT_TYPE, info.type().value());
        return response.with(HttpHeaderNames.CACHE_CONTROL, cacheControl)
                .with(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT)
                .with(HttpHeaderNames.ETAG, etag)
                .with(StreamHeaders.NEXT_OFFSET, next.toString());
    }

    private static String etag(ChannelInfo info, long after, Offset next, boolean ends) {
        return "\"" + info.id() + ":" + after + ":" + next.generation() + "_" + next.sequence()
                + (ends ? ":c\"" : "\"");
    }

    /** The messages as one body, a JSON array of them or the bytes end to end: a buffer the caller owns, ready to be sent as it is. */
    static ByteBuf body(ContentType type, Run run) {
        return type.kind() == ContentType.Kind.JSON ? array(run) : bytes(run);
    }

    private static ByteBuf array(Run run) {
        int size = Math.toIntExact(run.payloadBytes() + run.count() + 1);
        ByteBuf array = ByteBufAllocator.DEFAULT.ioBuffer(size, size).writeByte('[');
        for (Run.Slice slice : run.slices()) {
            byte[] bytes = slice.block().bytes();
            for (int i = slice.from(); i < slice.to(); i++) {
                if (array.writerIndex() > 1) array.writeByte(',');
                int start = slice.block().start(i);
                array.writeBytes(bytes, start, slice.block().end(i) - start);
            }
        }
        return array.writeByte(']');
    }

    static ByteBuf bytes(Run run) {
        int size = Math.toIntExact(run.payloadBytes());
        ByteBuf bytes = ByteBufAllocator.DEFAULT.ioBuffer(size, size);
        for (Run.Slice slice : run.slices()) {
            bytes.writeBytes(slice.block().bytes(), slice.block().start(slice.from()), slice.payloadBytes());
        }
        return bytes;
    }
}
