package io.switchboard.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http3.DefaultHttp3GoAwayFrame;
import io.netty.handler.codec.http3.DefaultHttp3SettingsFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.http3.Http3Exception;
import io.netty.handler.codec.http3.Http3ServerConnectionHandler;
import io.netty.handler.codec.http3.Http3Settings;
import io.netty.handler.codec.http3.Http3SettingsFrame;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicException;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.ReferenceCountUtil;
import io.switchboard.core.access.Revocations.Revocation;
import io.switchboard.http.caller.Caller;
import io.switchboard.http.http3.Fields;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/3 connection (RFC 9114) on a QUIC connection of Netty's, which has its windows and packets; frames and fields
 * are read by Netty too. What is ours is what they mean for requests, and what a peer may do how often.
 *
 * <pre>
 *   HANDSHAKE ──► BEGINNING ──settings──► OPEN ──► CLOSING
 *                                          └── each {@link Http3Stream} carries a {@link StreamRequest}, then what came of it
 * </pre>
 *
 * Belongs to its loop.
 */
final class Http3Connection extends Multiplex {
    /** Whoever has not said what it can by then never will. */
    private static final long SETTINGS_MILLIS = 10_000;
    /** What was asked before the peer could know that the server goes down is answered yet. */
    private static final long LAST_CALL_MILLIS = 1_000;
    /** What was sent last may be on its way yet, and is sent again if it gets lost; not behind the end of the connection. */
    private static final long LINGER_MILLIS = 1_000;

    /**
     * Streams that have ended without the peer's own end. Netty keeps some hundred bytes for each until the connection
     * ends, and QUIC gives the peer no room for another one in its place where a packet about the end got lost. Beyond so
     * many, or as many as may be open at once, the peer is told to open another connection.
     */
    private static final int STRAYS_MAX = 2_000;

    /** Of streams, before other connections have theirs. */
    private static final int TURNS = 8;

    private static final int FIELD_OVERHEAD_BYTES = 32; // RFC 9114, section 4.2.2
    private static final int PSEUDO_FIELDS = 5;
    /** Beyond the end of every stream (RFC 9114, section 5.2). */
    private static final long NO_LAST_STREAM = (1L << 62) - 4;

    private static final int UNKNOWN_FRAME_BYTES_MAX = 1_024;

    private enum Phase {
        HANDSHAKE,
        BEGINNING,
        OPEN,
        CLOSING
    }

    private final QuicChannel channel;
    private final @Nullable Http3ErrorCode refusal;
    private final ArrayDeque<Http3Stream> held = new ArrayDeque<>(4); // each at most once
    private Phase phase = Phase.HANDSHAKE;
    private long partDeadlineMillis; // of what has begun and is not whole
    private long idleDeadlineMillis = NEVER;
    private boolean lastCalled; // it takes no more streams, and the peer knows
    private boolean peerClosed;
    private int open; // streams
    private int strays;
    private long nextStream; // beyond all that were looked at
    private long queued; // bytes that wait in streams
    private boolean awaited; // a task that proceeds

    /** @param refusal with which its peer is turned away; null if it is welcome */
    Http3Connection(
            Connections connections,
            HttpLimits limits,
            Reception reception,
            Caller caller,
            QuicChannel channel,
            @Nullable Http3ErrorCode refusal) {
        super(connections, limits, reception, caller);
        this.channel = channel;
        this.refusal = refusal;
    }

    /** Reads frames, and hands over each stream that the peer opens. */
    Http3ServerConnectionHandler frames() {
        Http3Settings settings = new Http3Settings()
                .maxFieldSectionSize(headerListBytesMax(limits))
                .qpackMaxTableCapacity(0)
                .qpackBlockedStreams(0)
                .enableConnectProtocol(true);
        return new Http3ServerConnectionHandler(
                new Http3Stream.Opening(this),
                new Control(),
                type -> new Unknown(),
                new DefaultHttp3SettingsFrame(settings),
                true,
                null,
                Fields.SECRETS,
                UNKNOWN_FRAME_BYTES_MAX);
    }

    private static int headerListBytesMax(HttpLimits limits) {
        return limits.requestLineBytesMax()
                + limits.headerBytesMax()
                + FIELD_OVERHEAD_BYTES * (limits.headersMax() + PSEUDO_FIELDS);
    }

    // --- its life

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        super.handlerAdded(ctx);
        partDeadlineMillis = nowMillis() + limits.headerTimeoutMillis();
        channel.closeFuture().addListener(closed -> gone());
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (refusal != null) {
            close(refusal);
            return;
        }
        phase = Phase.BEGINNING;
        partDeadlineMillis = nowMillis() + SETTINGS_MILLIS;
        ctx.fireChannelActive();
        leaveIfIdle();
    }

    @Override
    void look(long now) {
        refill();
        if (phase == Phase.CLOSING) return;
        if (now >= partDeadlineMillis) {
            if (phase == Phase.HANDSHAKE) abandon();
            else fail(Http3ErrorCode.H3_MISSING_SETTINGS);
        } else if (now >= idleDeadlineMillis) {
            if (departure() != null && !lastCalled) lastCalled();
            else leave();
        }
    }

    @Override
    void revoke(Revocation revocation) {}

    // Also where it was never active.
    private void gone() {
        connections.remove(this);
        boolean cut = phase != Phase.CLOSING && !peerClosed && !channel.isTimedOut();
        if (cut && phase != Phase.HANDSHAKE) connections.traffic().endedHttp3("transport");
        phase = Phase.CLOSING;
        turns().close();
    }

    @Override
    @SuppressWarnings("deprecation") // overridden to keep Netty from logging the peer's mistakes
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // Of a packet that is wrong, QUIC knows itself whether the connection ends.
        if (!isOfThePeer(cause) && !(cause instanceof QuicException)) log(cause);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof QuicConnectionCloseEvent) peerClosed = true;
        ctx.fireUserEventTriggered(event);
    }

    // --- the server goes down

    // The peer is told to open no streams any more; then, once it knows, which was the last (RFC 9114, section 5.2).
    @Override
    void drain(long leaveMillis, long backMillis) {
        if (phase == Phase.HANDSHAKE) abandon();
        if (phase == Phase.CLOSING || !departs(leaveMillis, backMillis) || lastCalled) return;
        goAway(NO_LAST_STREAM);
        idleDeadlineMillis = nowMillis() + LAST_CALL_MILLIS;
    }

    private void lastCalled() {
        lastCalled = true;
        idleDeadlineMillis = NEVER;
        goAway(nextStream);
        leaveIfIdle();
    }

    private void goAway(long stream) {
        QuicStreamChannel control = Http3.getLocalControlStream(channel);
        if (control != null) control.writeAndFlush(new DefaultHttp3GoAwayFrame(stream));
    }

    private void leaveIfIdle() {
        if (open > 0 || phase == Phase.CLOSING) return;
        if (lastCalled) idleDeadlineMillis = nowMillis() + LINGER_MILLIS;
        else if (departure() == null) idleDeadlineMillis = nowMillis() + limits.idleTimeoutMillis();
    }

    /** There is no place for it any more; its peer may connect anew. */
    void dismissed() {
        if (phase != Phase.CLOSING) leave();
    }

    private void leave() {
        if (!lastCalled) goAway(nextStream);
        close(Http3ErrorCode.H3_NO_ERROR);
    }

    private void close(Http3ErrorCode code) {
        phase = Phase.CLOSING;
        turns().close();
        channel.close(true, code.code(), Unpooled.EMPTY_BUFFER);
    }

    // --- the peer's mistakes

    @Override
    void exhausted() {
        fail(Http3ErrorCode.H3_EXCESSIVE_LOAD);
    }

    /** Ends the connection: nothing that comes on it means anything any more. */
    void fail(Http3ErrorCode code) {
        if (phase == Phase.CLOSING) return;
        connections.traffic().endedHttp3(code.name());
        close(code);
    }

    /** Something went wrong with a stream. Where the reader of frames ends the connection for it, it does so itself. */
    void failed(Throwable cause) {
        if (cause instanceof Http3Exception fault) {
            if (phase != Phase.CLOSING)
                connections.traffic().endedHttp3(fault.errorCode().name());
            phase = Phase.CLOSING;
        } else if (cause instanceof DecoderException) {
            fail(Http3ErrorCode.H3_GENERAL_PROTOCOL_ERROR); // bytes that the reader can make nothing of
        } else if (!isOfThePeer(cause) && !(cause instanceof QuicException)) {
            log(cause);
        }
    }

    // --- what arrives

    // A stream that the peer has opened.
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof QuicStreamChannel stream)) {
            ReferenceCountUtil.release(message);
        } else if (stream.type() == QuicStreamType.UNIDIRECTIONAL) {
            chatter();
            ctx.fireChannelRead(stream);
        } else if (mayOpen(stream)) {
            ctx.fireChannelRead(stream);
        } else {
            stream.shutdown(Http3ErrorCode.H3_REQUEST_REJECTED.code());
            stream.close();
            strayed();
            wasted();
        }
    }

    private boolean mayOpen(QuicStreamChannel stream) {
        if (phase == Phase.CLOSING || lastCalled || open + orphans() >= limits.streamsMax()) return false;
        nextStream = Math.max(nextStream, stream.streamId() + 4);
        open++;
        if (departure() == null) idleDeadlineMillis = NEVER;
        return true;
    }

    /** Behind {@link #frames}, what becomes of streams that carry no request. */
    ChannelHandler faults() {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object stream) {
                boolean control =
                        stream instanceof QuicStreamChannel opened && opened.type() == QuicStreamType.UNIDIRECTIONAL;
                if (control) ((QuicStreamChannel) stream).pipeline().addLast(new Faults());
                ctx.fireChannelRead(stream);
            }
        };
    }

    /** What is wrong on a stream that carries no request. */
    private class Faults extends ChannelInboundHandlerAdapter {
        @Override
        @SuppressWarnings("deprecation") // overridden to keep Netty from logging the peer's mistakes
        public final void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            failed(cause);
        }
    }

    /** Frames about the connection itself. */
    private final class Control extends Faults {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object frame) {
            if (frame instanceof Http3SettingsFrame) settled();
            else chatter(); // to know that the peer goes away, or pushes nothing, changes nothing
            ReferenceCountUtil.release(frame);
        }
    }

    private void settled() {
        if (phase != Phase.BEGINNING) return;
        phase = Phase.OPEN;
        partDeadlineMillis = NEVER;
    }

    /** A stream of a kind that nobody knows (RFC 9114, section 6.2.3). */
    private final class Unknown extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            ReferenceCountUtil.release(bytes);
            chatter();
        }
    }

    // --- its streams

    /** One is over. */
    void ended(Http3Stream stream) {
        open--;
        if (stream.isHeld()) held.remove(stream);
        turns().next();
        leaveIfIdle();
    }

    /** One has ended from this side alone, or in the middle. */
    void strayed() {
        if (++strays < Math.min(STRAYS_MAX, limits.streamsMax()) || lastCalled || phase == Phase.CLOSING) return;
        lastCalled();
    }

    @Override
    long queued() {
        return queued;
    }

    void queued(long more) {
        queued += more;
    }

    /** The stream is told, in its turn, that it may go on. */
    void hold(Http3Stream stream) {
        held.add(stream);
        proceedLater();
    }

    private void proceedLater() {
        if (awaited) return;
        awaited = true;
        loop().execute(this::proceed);
    }

    private void proceed() {
        awaited = false;
        for (int i = 0; i < TURNS && !held.isEmpty(); i++) held.remove().proceed();
        turns().next();
        if (!held.isEmpty()) proceedLater();
    }
}
