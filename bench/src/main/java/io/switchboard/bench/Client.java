package io.switchboard.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * One connection: from its opening to its end, as its fleet is told. All of it belongs to the thread of its lane, but the
 * state, which anybody may read.
 */
abstract class Client extends ChannelInboundHandlerAdapter {
    /** How far a connection has come. */
    enum State {
        OPENING,
        READY,
        GONE
    }

    private static final byte[] NOTHING = {};

    /** Takes the place of its channel over HTTP/3, which has a stream for each request, from an answer to what is asked next. */
    interface Pause {
        /** @param request to be released by who takes it */
        void end(ByteBuf request);

        /** Nothing more is asked. */
        void close();
    }

    final Lane lane;
    private final Fleet fleet;
    private volatile State state = State.OPENING;
    private @Nullable Wire wire; // set before it is connected
    private long begunNanos;
    private long readyNanos;
    private @Nullable Channel channel;
    private @Nullable Pause pause; // while it has no stream
    private boolean isCounted; // by its connection of HTTP/2, which knows what it takes

    Client(Lane lane, Fleet fleet) {
        this.lane = lane;
        this.fleet = fleet;
    }

    final State state() {
        return state;
    }

    /** Whether it is one of those whose version of HTTP is asked for. */
    boolean isReader() {
        return this instanceof Reading;
    }

    /** The connection is there, and TLS if there is any. */
    abstract void opened();

    /** @param now of the lane's clock, when these bytes came */
    abstract void received(byte[] bytes, int from, int to, long now);

    /** What was written has gone so far that more may be. */
    void drained() {}

    /** It can do now what it is there for. */
    final void ready() {
        if (state != State.OPENING) return;
        readyNanos = lane.clock.getAsLong();
        state = State.READY;
        // Whoever sees that it is ready finds it among the readers.
        if (this instanceof Reading reading) reading.intake().joined();
        fleet.ready();
    }

    public final boolean isGone() {
        return state == State.GONE;
    }

    /** It came to its end, or never began. */
    void ended(Trouble trouble) {}

    /** Its connection begins, and what counts its bytes. The thread that opens, or that of the lane. */
    final void begins(@Nullable Wire wire) {
        this.wire = wire;
        begunNanos = lane.clock.getAsLong();
    }

    /** What the kernel counted of its connection, if it is still there. */
    final Segments segments() {
        Wire counting = wire;
        return counting == null ? Segments.NONE : counting.segments();
    }

    /** Bytes that its connection got so far, as TCP or UDP carries them; 0 where they are not counted. */
    final long cameBytes() {
        Wire counting = wire;
        return counting == null ? 0 : counting.in();
    }

    /** Likewise, that it sent. */
    final long wentBytes() {
        Wire counting = wire;
        return counting == null ? 0 : counting.out();
    }

    /** From the beginning of its connection to when it could do what it is there for; nanoseconds. */
    final long openedNanos() {
        return readyNanos - begunNanos;
    }

    final boolean isReady() {
        return state == State.READY;
    }

    /** It is of no use any more; closes it. The first reason counts. */
    final void gone(Trouble trouble) {
        State was = state;
        if (was == State.GONE) return;
        state = State.GONE;
        if (was == State.READY && this instanceof Reading reading)
            reading.intake().left();
        fleet.gone(was, trouble);
        ended(trouble);
        close();
    }

    /** Resets the connection, so that its port is free at once. */
    final void close() {
        Pause between = pause;
        if (between != null) between.close();
        Channel open = channel;
        if (open == null || !open.isOpen()) return;
        open.config().setOption(ChannelOption.SO_LINGER, 0);
        open.close();
    }

    final boolean isWritable() {
        Channel open = channel;
        return open != null && open.isWritable();
    }

    final void write(byte[] bytes) {
        write(bytes, NOTHING, NOTHING);
    }

    /** Sends three pieces as one. */
    final void write(byte[] head, byte[] body, byte[] tail) {
        Channel open = channel;
        if (open == null) throw new IllegalStateException("not connected yet");
        int length = head.length + body.length + tail.length;
        ByteBuf out = open.alloc().directBuffer(length);
        out.writeBytes(head).writeBytes(body).writeBytes(tail);
        if (!isCounted) lane.bytesOut += length;
        Pause between = pause;
        if (between == null) open.writeAndFlush(out, open.voidPromise());
        else between.end(out);
    }

    /** Its stream is over, and its connection is not. */
    final void pauses(Pause between) {
        pause = between;
    }

    /** Over HTTP/3 it moves from one stream to the next. */
    @Override
    public final boolean isSharable() {
        return true;
    }

    @Override
    public final void handlerAdded(ChannelHandlerContext context) {
        channel = context.channel();
        pause = null;
        isCounted = channel instanceof Http2StreamChannel
                || channel instanceof QuicStreamChannel
                || context.pipeline().get(Http2FrameCodec.class) != null;
    }

    @Override
    public final void channelActive(ChannelHandlerContext context) {
        if (state == State.GONE) close(); // was given up on meanwhile
        else if (context.pipeline().get(SslHandler.class) == null) opened();
    }

    @Override
    public final void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (!(event instanceof SslHandshakeCompletionEvent handshake)) return;
        if (handshake.isSuccess()) opened();
        else gone(Trouble.TLS);
    }

    @Override
    public final void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (!(message instanceof ByteBuf in)) return;
            long now = lane.clock.getAsLong();
            byte[] scratch = lane.scratch;
            while (in.isReadable() && state != State.GONE) {
                int length = Math.min(in.readableBytes(), scratch.length);
                in.readBytes(scratch, 0, length);
                if (!isCounted) lane.bytesIn += length;
                received(scratch, 0, length, now);
            }
        } catch (Malformed nonsense) {
            gone(Trouble.NONSENSE);
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public final void channelWritabilityChanged(ChannelHandlerContext context) {
        if (state == State.READY && isWritable()) drained();
    }

    @Override
    public final void channelInactive(ChannelHandlerContext context) {
        gone(Trouble.CLOSED);
    }

    @Override
    public final void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        gone(Trouble.of(cause));
    }
}
