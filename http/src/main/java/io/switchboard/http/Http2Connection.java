package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.util.ReferenceCountUtil;
import io.switchboard.http.caller.Caller;
import io.switchboard.http.http2.Http2Frames;
import java.util.Map;

/**
 * One HTTP/2 connection (RFC 9113), from its preface to its end: its settings, its deadlines, its farewell. Frames are read by Netty's
 * reader ({@link Http2Input}); what they mean for its streams is known to {@link Http2Streams}.
 *
 * <pre>
 *   BEGINNING ──settings──► OPEN ──► CLOSING
 *                            └── each {@link Http2Stream} carries a {@link StreamRequest}, then what came of it
 * </pre>
 *
 * Whoever uses up an allowance ends it with ENHANCE_YOUR_CALM. Answers that the peer does not take must not pile up:
 * while much waits, reads have to await their turn. Belongs to its loop.
 */
final class Http2Connection extends Multiplex {
    private static final long CLOSING_MILLIS = 2_000;
    /** What was asked before the peer could know that the server goes down is answered yet. */
    private static final long LAST_CALL_MILLIS = 1_000;

    private static final int MAX_CONCURRENT_STREAMS = 3; // RFC 9113, section 6.5.2
    private static final int MAX_HEADER_LIST_SIZE = 6;
    private static final int ENABLE_CONNECT_PROTOCOL = 8; // RFC 8441, section 3

    /** What a header field counts for beside its name and value. */
    private static final int FIELD_OVERHEAD_BYTES = 32; // RFC 9113, section 6.5.2

    private static final int PSEUDO_FIELDS = 5;
    private static final long LAST_CALL = 0x6c6173742063616cL; // content of a ping

    private enum Phase {
        BEGINNING,
        OPEN,
        CLOSING
    }

    private final Http2Output output = new Http2Output(this);
    private final Http2Streams streams;
    private final Http2Input input;

    private Phase phase = Phase.BEGINNING;
    private boolean reading; // within a read, whose end flushes

    private long partDeadlineMillis; // of what has begun and is not whole
    private long idleDeadlineMillis = NEVER;
    private long ackDeadlineMillis;
    private long closingDeadlineMillis = NEVER;

    private boolean inputEnded;
    private boolean lastCalled; // the server goes down, and the peer knows

    Http2Connection(Connections connections, HttpLimits limits, Reception reception, Caller caller) {
        super(connections, limits, reception, caller);
        streams = new Http2Streams(this, output, limits);
        input = new Http2Input(streams, headerListBytesMax(limits));
    }

    private static int headerListBytesMax(HttpLimits limits) {
        return limits.requestLineBytesMax()
                + limits.headerBytesMax()
                + FIELD_OVERHEAD_BYTES * (limits.headersMax() + PSEUDO_FIELDS);
    }

    Http2Streams streams() {
        return streams;
    }

    @Override
    long queued() {
        return output.queued();
    }

    // --- its life

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        super.handlerAdded(ctx);
        partDeadlineMillis = nowMillis() + limits.headerTimeoutMillis();
        ackDeadlineMillis = partDeadlineMillis; // whoever has not agreed to the settings by then never will
        output.control(Http2Frames.settings(
                Map.of(
                        MAX_CONCURRENT_STREAMS, limits.streamsMax(),
                        MAX_HEADER_LIST_SIZE, headerListBytesMax(limits),
                        ENABLE_CONNECT_PROTOCOL, 1),
                Http2Output.allocator()));
        output.control(Http2Frames.windowUpdate(0, Http2Streams.WINDOW_MORE_BYTES, Http2Output.allocator()));
    }

    @Override
    void look(long now) {
        refill();
        if (hasStalled(now, pending()) || isSilent(now) || now >= closingDeadlineMillis) {
            abandon();
        } else if (phase == Phase.CLOSING) {
            return; // what was sent last is on its way
        } else if (now >= partDeadlineMillis) {
            fail(Http2Error.PROTOCOL_ERROR);
        } else if (now >= ackDeadlineMillis) {
            fail(Http2Error.SETTINGS_TIMEOUT);
        } else if (now >= idleDeadlineMillis) {
            if (departure() != null && !lastCalled) lastCalled();
            else leave();
        }
    }

    boolean isOpen() {
        return phase == Phase.OPEN;
    }

    boolean isClosing() {
        return phase == Phase.CLOSING;
    }

    /** The peer has sent its settings: what came first (RFC 9113, section 3.4), or others. */
    void settled() {
        if (phase != Phase.BEGINNING) return;
        phase = Phase.OPEN;
        leaveIfIdle();
    }

    /** The peer has agreed to the settings of this side; false if it had before. */
    boolean acknowledged() {
        boolean awaited = ackDeadlineMillis != NEVER;
        ackDeadlineMillis = NEVER;
        return awaited;
    }

    /** A stream is open: this is not idle. */
    void busy() {
        if (departure() == null) idleDeadlineMillis = NEVER;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        connections.remove(this);
        phase = Phase.CLOSING;
        loseStreams();
        input.close();
        output.close();
    }

    private void loseStreams() {
        turns().close();
        streams.lost();
    }

    @Override
    @SuppressWarnings("deprecation") // overridden to keep Netty from logging the peer's mistakes
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!isOfThePeer(cause)) log(cause);
        ctx.close();
    }

    // --- the server goes down

    // The peer is told to open no streams any more; then, when it knows, which was the last (RFC 9113, section 6.8).
    @Override
    void drain(long leaveMillis, long backMillis) {
        if (phase == Phase.CLOSING || !departs(leaveMillis, backMillis)) return;
        output.control(Http2Frames.goAway(Integer.MAX_VALUE, Http2Error.NO_ERROR, Http2Output.allocator()));
        output.control(Http2Frames.ping(LAST_CALL, Http2Output.allocator()));
        idleDeadlineMillis = nowMillis() + LAST_CALL_MILLIS;
    }

    /** The peer has answered a ping; false if that says nothing. */
    boolean answeredPing(long content) {
        if (departure() == null || lastCalled || content != LAST_CALL) return false;
        lastCalled();
        return true;
    }

    private void lastCalled() {
        lastCalled = true;
        idleDeadlineMillis = NEVER;
        output.control(Http2Frames.goAway(streams.takeNoMore(), Http2Error.NO_ERROR, Http2Output.allocator()));
        leaveIfIdle();
    }

    /** Leaves once nothing is under way, so that nothing is lost. */
    void leaveIfIdle() {
        if (!streams.isEmpty() || phase == Phase.CLOSING) return;
        if (inputEnded || lastCalled) leave();
        else if (departure() == null) idleDeadlineMillis = nowMillis() + limits.idleTimeoutMillis();
    }

    private void leave() {
        if (!lastCalled) {
            output.control(Http2Frames.goAway(streams.last(), Http2Error.NO_ERROR, Http2Output.allocator()));
        }
        end();
    }

    // --- the peer's mistakes

    @Override
    void exhausted() {
        fail(Http2Error.ENHANCE_YOUR_CALM);
    }

    /** Ends the connection: nothing that comes on it means anything any more. */
    void fail(Http2Error error) {
        if (phase == Phase.CLOSING) return;
        connections.traffic().endedHttp2(error.name());
        output.control(Http2Frames.goAway(streams.last(), error, Http2Output.allocator()));
        end();
    }

    // What was said last goes out before the connection is reset under what the peer is still sending.
    private void end() {
        phase = Phase.CLOSING;
        closingDeadlineMillis = nowMillis() + CLOSING_MILLIS;
        loseStreams();
        context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> {
            if (sent.isSuccess() && !inputEnded) endOutput();
            else close();
        });
    }

    // --- what arrives, and what goes out

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (message instanceof ByteBuf bytes) received(ctx, bytes);
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void received(ChannelHandlerContext ctx, ByteBuf bytes) {
        reading = true;
        if (phase != Phase.CLOSING && input.received(ctx, bytes) && phase == Phase.OPEN) partDeadlineMillis = NEVER;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        if (phase == Phase.OPEN && input.isPartial() && partDeadlineMillis == NEVER) {
            partDeadlineMillis = nowMillis()
                    + (input.isContentPartial() ? limits.bodyTimeoutMillis() : limits.headerTimeoutMillis());
        }
        output.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (!ctx.channel().isWritable()) return;
        output.proceed();
        turns().next();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof ChannelInputShutdownEvent)) {
            ctx.fireUserEventTriggered(event);
            return;
        }
        // Answers that are under way still go out. Whoever waits for news looks the same as one who left.
        inputEnded = true;
        if (phase == Phase.CLOSING) close();
        streams.inputLost();
        leaveIfIdle();
    }

    /** So many bytes go out. */
    void wrote(int bytes) {
        passed(bytes);
        if (!reading) connections.flushLater(this);
    }
}
