package io.switchboard.http.stream;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelInfo;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Run;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.exchange.Exchange;
import io.switchboard.core.reading.Delivery;
import io.switchboard.core.reading.Outlet;
import io.switchboard.core.reading.Page;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.reading.Reader;
import io.switchboard.core.store.FindOutcome;
import io.switchboard.core.store.Found;
import io.switchboard.http.Occupation;
import io.switchboard.http.Request;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.Sink;
import io.switchboard.http.Waiting;
import io.switchboard.http.wire.ByteRange;
import io.switchboard.http.wire.ETags;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import io.switchboard.http.wire.StreamHeaders;
import org.jspecify.annotations.Nullable;

/**
 * A closed channel of bytes, read as the file it is (RFC 9110, section 14). Where a range begins is found by
 * halving: each look into the log tells how many bytes lie before a message.
 */
final class FileRead implements Outlet, Waiting {
    private final Exchange exchange;
    private final ChannelName channel;
    private final Request request;
    private final Responder responder;
    private @Nullable Sink sink;
    private @Nullable Reader reader;
    private boolean over;
    private long next; // byte of the file to be sent
    private long end; // byte after the last to be sent

    FileRead(Exchange exchange, ChannelName channel, Request request, Responder responder) {
        this.exchange = exchange;
        this.channel = channel;
        this.request = request;
        this.responder = responder;
    }

    /** Whether a channel is a file: nothing will come, and nothing is missing. */
    static boolean isFile(ChannelInfo info, Tail tail) {
        return tail.closed() && tail.start() == 0 && info.type().kind() == ContentType.Kind.BINARY;
    }

    /** @param otherwise answers if the channel is no file */
    void open(Runnable otherwise) {
        exchange.find(channel, responder.loop(), outcome -> {
            if (outcome instanceof FindOutcome.Here(Found found) && isFile(found.info(), found.tail())) {
                answer(found.info(), found.tail());
            } else {
                otherwise.run();
            }
        });
    }

    private void answer(ChannelInfo info, Tail tail) {
        long length = tail.bytes();
        String etag = "\"" + info.id() + ":file:" + length + "\"";
        if (ETags.matchesAny(request.headers().getAll(HttpHeaderNames.IF_NONE_MATCH), etag)) {
            responder.send(describe(Response.of(304), info, etag));
            return;
        }
        String range = request.header(HttpHeaderNames.RANGE);
        switch (ByteRange.of(range, request.header(HttpHeaderNames.IF_RANGE), etag, length)) {
            case ByteRange.Whole() -> send(describe(Response.of(200), info, etag), info, tail, 0, length);
            case ByteRange.Part part ->
                send(
                        describe(Response.of(206), info, etag)
                                .with(HttpHeaderNames.CONTENT_RANGE, part.contentRange(length)),
                        info,
                        tail,
                        part.first(),
                        part.last() + 1);
            case ByteRange.Unsatisfiable() ->
                responder.send(
                        Response.of(Problem.of(ErrorCode.RANGE_NOT_SATISFIABLE, "The file has " + length + " bytes."))
                                .with(HttpHeaderNames.CONTENT_RANGE, ByteRange.unsatisfiedContentRange(length)));
        }
    }

    private static Response describe(Response response, ChannelInfo info, String etag) {
        return response.with(HttpHeaderNames.CONTENT_TYPE, info.type().value())
                .with(HttpHeaderNames.ETAG, etag)
                .with(HttpHeaderNames.ACCEPT_RANGES, "bytes")
                .with(HttpHeaderNames.CACHE_CONTROL, "public, max-age=60, stale-while-revalidate=300")
                .with(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT)
                .with(StreamHeaders.CLOSED, StreamHeaders.TRUE);
    }

    private void send(Response head, ChannelInfo info, Tail tail, long first, long afterLast) {
        if (first == afterLast) {
            responder.send(head);
            return;
        }
        next = first;
        end = afterLast;
        seek(info, 0, tail.sequence() - 1, head);
    }

    // The message that holds byte `next` comes after a sequence from `low` to `high`.
    private void seek(ChannelInfo info, long low, long high, Response head) {
        if (low == high || next == 0) {
            stream(info.lineage().offsetAt(next == 0 ? 0 : low), head);
            return;
        }
        long middle = low + (high - low + 1) / 2;
        ReadFrom at = new ReadFrom.At(info.lineage().offsetAt(middle));
        exchange.page(channel, at, 1, responder.loop(), page -> {
            if (page instanceof Page.Messages messages) {
                if (position(messages.run()) <= next) seek(info, middle, high, head);
                else seek(info, low, middle - 1, head);
            } else {
                responder.send(page instanceof Page.AtTail ? Refusals.notFound() : Refusals.of(page));
            }
        });
    }

    private static long position(Run run) {
        Block block = run.slices().getFirst().block();
        return block.bytesBefore() + block.start(run.slices().getFirst().from()) - block.start(0);
    }

    private void stream(Offset from, Response head) {
        head.with(HttpHeaderNames.CONTENT_LENGTH, Long.toString(end - next));
        sink = responder.stream(head, this);
        if (!over) reader = exchange.read(channel, new ReadFrom.At(from), false, responder.loop(), this);
    }

    private void finish() {
        over = true;
        if (reader != null) reader.close();
        if (sink != null) sink.end();
    }

    @Override
    public Offer offer(Reader reads, Delivery delivery) {
        if (sink == null || !sink.isWritable()) return Offer.FULL;
        ByteBuf bytes = Representation.bytes(delivery.run());
        long position = position(delivery.run());
        int skip = (int) Math.max(0, next - position);
        int length = (int) Math.min(bytes.readableBytes() - skip, end - next);
        sink.write(bytes.readSlice(skip + length).skipBytes(skip));
        next += length;
        if (next == end) finish();
        return Offer.ACCEPTED;
    }

    @Override
    public void caughtUp(Reader reads) {}

    @Override
    public AfterGap gap(Reader reads, Offset from, Offset to) {
        finish(); // short of the announced length, which tells the client
        return AfterGap.STOP;
    }

    @Override
    public void ended(Reader reads, End why) {
        finish();
    }

    @Override
    public void due(long nowMillis) {}

    @Override
    public void writable() {
        if (reader != null) reader.writable();
    }

    @Override
    public void gone() {
        over = true;
        if (reader != null) reader.close();
    }

    @Override
    public void expire() {
        finish();
    }

    @Override
    public Occupation occupation() {
        return Occupation.of("download", channel.value(), reader != null && reader.state() == Reader.State.LAGGING);
    }

    @Override
    public void drain(long afterMillis) {
        // A download that is under way may end within the drain; it is cut off with the rest otherwise.
    }
}
