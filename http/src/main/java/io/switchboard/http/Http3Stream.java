package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.unix.Socket;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http3.DefaultHttp3DataFrame;
import io.netty.handler.codec.http3.DefaultHttp3Headers;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.http3.Http3Exception;
import io.netty.handler.codec.http3.Http3Frame;
import io.netty.handler.codec.http3.Http3Headers;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.http3.Http3HeadersValidationException;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.netty.util.ReferenceCountUtil;
import io.switchboard.http.http2.HeadReader;
import io.switchboard.http.http2.RequestHead;
import io.switchboard.http.http2.ResponseHead;
import io.switchboard.http.http3.Fields;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request stream of an HTTP/3 connection (RFC 9114, section 4.1): it carries a request, and then what came of it.
 * Netty is given a piece at a time, and the next one when QUIC has taken that; what finds no room in the peer's windows
 * waits here, and whoever asks for room before is told that there is none, and when there is. Belongs to its
 * connection's loop.
 */
final class Http3Stream extends ChannelInboundHandlerAdapter implements StreamWire {
    private static final HttpVersion VERSION = HttpVersion.valueOf("HTTP/3.0");
    /** What Netty is given at a time. */
    private static final int PIECE_BYTES = 16 * 1024;
    /** Of one stream before others have their turn. */
    private static final int TURN_BYTES = 64 * 1024;

    private static final int FIELDS = 16;
    /** What a frame without content counts for until QUIC has taken it. */
    private static final int FRAME_BYTES = 1;

    /** Begins each stream that the peer opens. */
    @Sharable
    static final class Opening extends ChannelInitializer<QuicStreamChannel> {
        private final Http3Connection connection;

        Opening(Http3Connection connection) {
            this.connection = connection;
        }

        @Override
        protected void initChannel(QuicStreamChannel channel) {
            Http3Stream stream = new Http3Stream(connection, channel);
            channel.pipeline().addFirst(stream.ending).addLast(stream);
        }
    }

    /**
     * Says the end of the stream together with the frame before it: where the library's packet with nothing but the end
     * gets lost, it is not always sent again.
     */
    private static final class Ending extends ChannelOutboundHandlerAdapter {
        private boolean due; // with the next frame

        @Override
        public void write(ChannelHandlerContext ctx, Object frame, ChannelPromise promise) {
            ctx.write(due && frame instanceof ByteBuf bytes ? new DefaultQuicStreamFrame(bytes, true) : frame, promise);
        }
    }

    private final Http3Connection connection;
    private final QuicStreamChannel channel;
    private final Ending ending = new Ending();
    private final long bornMillis;
    private Carried carried;
    private boolean lasting; // what came of the request is carried, and no longer it

    private long announced = LENGTH_UNKNOWN; // content to come yet
    private boolean inputEnded;

    private @Nullable Backlog waiting; // null while nothing is
    private long waitingBytes;
    private int given; // bytes that Netty has, and QUIC has not
    private boolean refused; // somebody was told that there is no room
    private boolean held; // by the connection
    private boolean closing; // the end of the stream comes behind what waits
    private boolean finishing; // and then the stream is over, whatever the peer has yet to say
    private boolean outputEnded;

    private @Nullable Runnable whenClosed;
    private boolean over;

    private Http3Stream(Http3Connection connection, QuicStreamChannel channel) {
        this.connection = connection;
        this.channel = channel;
        bornMillis = connection.nowMillis();
        StreamRequest request = new StreamRequest(connection, this);
        carried = request;
        request.begin(this);
        request.deadlineMillis = bornMillis + connection.limits.headerTimeoutMillis();
    }

    @Override
    public void carry(Carried next) {
        carried = next;
        lasting = true;
    }

    // --- what arrives

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
        try {
            if (over) return;
            switch (frame) {
                case Http3HeadersFrame head -> head(head.headers());
                case Http3DataFrame data -> arrived(data.content());
                default -> connection.chatter(); // of an extension (RFC 9114, section 9)
            }
        } finally {
            ReferenceCountUtil.release(frame);
        }
    }

    private void head(Http3Headers fields) {
        if (!(carried instanceof StreamRequest request) || request.hasBegun()) return; // trailers, that nobody asks for
        HeadReader.Limits limits = new HeadReader.Limits(
                connection.limits.requestLineBytesMax(),
                connection.limits.headersMax(),
                connection.limits.headerBytesMax());
        RequestHead head =
                Fields.areWell(fields) ? HeadReader.read(fields, VERSION, false, limits) : new RequestHead.Malformed();
        switch (head) {
            case RequestHead.Accepted accepted -> {
                announced = accepted.contentLength();
                request.begin(accepted, false);
            }
            case RequestHead.Refused(var problem) -> request.refuse(problem);
            case RequestHead.Malformed() -> misused();
        }
    }

    private void arrived(ByteBuf content) {
        if (!content.isReadable()) {
            connection.chatter();
            return;
        }
        if (announced != LENGTH_UNKNOWN) {
            announced -= content.readableBytes();
            if (announced < 0) {
                misused();
                return;
            }
        }
        carried.received(content);
        if (!over) carried.receivedAll();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) inputEnded();
        ctx.fireUserEventTriggered(event);
    }

    private void inputEnded() {
        if (inputEnded || over) return;
        if (carried instanceof StreamRequest request && !request.hasBegun()) {
            inputEnded = true;
            fault(Http3ErrorCode.H3_REQUEST_INCOMPLETE);
        } else if (announced > 0) {
            misused();
        } else {
            inputEnded = true;
            carried.inputEnded();
        }
    }

    @Override
    @SuppressWarnings("deprecation") // overridden to keep Netty from logging the peer's mistakes
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (over) return;
        switch (cause) {
            case QuicStreamResetException reset -> {
                boolean waste = connection.nowMillis() - bornMillis < Multiplex.WASTED_WITHIN_MILLIS;
                reset(Http3ErrorCode.H3_REQUEST_CANCELLED);
                if (waste) connection.wasted();
            }
            case Http3HeadersValidationException malformed -> misused();
            case Http3Exception fault when fault.errorCode() == Http3ErrorCode.H3_MESSAGE_ERROR -> misused();
            default -> {
                connection.failed(cause);
                reset(Http3ErrorCode.H3_GENERAL_PROTOCOL_ERROR);
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!over) over();
    }

    @Override
    public void expect(long length) {} // QUIC's windows grow with what is taken

    @Override
    public void read(boolean wanted) {
        if (!over && channel.config().isAutoRead() != wanted) channel.config().setAutoRead(wanted);
    }

    // --- what is sent

    @Override
    public void goOn() {
        give(new DefaultHttp3HeadersFrame(new DefaultHttp3Headers(false, 2).status("100")), FRAME_BYTES, null);
    }

    @Override
    public void head(int status, HttpHeaders headers, boolean end) {
        Http3Headers fields = new DefaultHttp3Headers(false, FIELDS).status(Integer.toString(status));
        finishing |= end;
        if (end) last();
        give(new DefaultHttp3HeadersFrame(ResponseHead.add(headers, fields)), FRAME_BYTES, null);
    }

    // The next frame is the last one.
    private void last() {
        closing = true;
        outputEnded = true;
        ending.due = true;
    }

    @Override
    public void write(ByteBuf bytes) {
        write(bytes, null, false);
    }

    @Override
    public void write(ByteBuf bytes, Runnable gone) {
        write(bytes, gone, false);
    }

    @Override
    public void writeLast(ByteBuf bytes) {
        finishing = true;
        write(bytes, null, true);
    }

    // Mostly there is room, and nothing to be kept for it.
    private void write(ByteBuf bytes, @Nullable Runnable gone, boolean end) {
        int length = bytes.readableBytes();
        boolean fits = length > 0 && length <= PIECE_BYTES && waiting == null && !closing && !over && takes();
        if (fits) {
            closing = end;
            give(bytes, gone);
        } else {
            add(bytes, gone);
            closing |= end;
            go();
        }
        endIfDue();
    }

    private boolean takes() {
        return given == 0 && channel.isWritable();
    }

    private void give(ByteBuf bytes, @Nullable Runnable gone) {
        int length = bytes.readableBytes();
        give(new DefaultHttp3DataFrame(fromZero(bytes)), length, gone);
    }

    private void give(Http3Frame frame, int length, @Nullable Runnable gone) {
        if (over) return;
        count(length);
        given(channel.write(frame), length, gone);
    }

    // What Netty puts behind a frame's header begins at zero, whatever its reader's index is.
    private static ByteBuf fromZero(ByteBuf bytes) {
        if (bytes.readerIndex() == 0) return bytes;
        ByteBuf slice = bytes.readRetainedSlice(bytes.readableBytes());
        bytes.release();
        return slice;
    }

    private void count(int more) {
        given += more;
        connection.queued(more);
    }

    private void given(ChannelFuture taken, int length, @Nullable Runnable gone) {
        if (taken.isDone()) {
            taken(taken, length, gone);
            return;
        }
        taken.addListener(done -> taken(taken, length, gone));
        // There is room, and it was not taken: the peer has stopped the stream, of which the library says nothing else.
        if (channel.bytesBeforeUnwritable() > 0) connection.loop().execute(this::abandon);
    }

    private void taken(ChannelFuture piece, int length, @Nullable Runnable gone) {
        count(-length);
        if (gone != null) gone.run();
        if (over) return;
        if (!piece.isSuccess())
            connection.loop().execute(this::abandon); // the peer takes no more; whoever wrote goes on yet
        else if (outputEnded && finishing && !inputEnded) connection.loop().execute(this::endInput);
        else if (waiting != null || refused) hold();
        else endIfDue();
    }

    private void add(ByteBuf bytes, @Nullable Runnable gone) {
        if (over || closing || !bytes.isReadable()) {
            bytes.release();
            if (gone != null) gone.run();
            return;
        }
        Backlog behind = waiting == null ? new Backlog() : waiting;
        waiting = behind;
        behind.add(bytes, gone);
        await(bytes.readableBytes());
    }

    private void await(long more) {
        waitingBytes += more;
        connection.queued(more);
    }

    // Pieces of what waits, as many as there is room for.
    private void go() {
        int turn = TURN_BYTES;
        while (!over && waiting != null && turn > 0 && takes()) turn -= piece(waiting);
        if (!over && waiting != null && takes()) hold();
    }

    private int piece(Backlog pieces) {
        int length = Math.min(PIECE_BYTES, pieces.first());
        await(-length);
        pieces.give(length, (bytes, gone) -> {
            if (pieces.isEmpty()) waiting = null; // before it is given, as what comes behind it then need not wait
            give(bytes, gone);
        });
        return length;
    }

    private void endIfDue() {
        if (over || !closing || outputEnded || waiting != null || given > 0) return;
        last();
        give(new DefaultHttp3DataFrame(Unpooled.EMPTY_BUFFER), FRAME_BYTES, null);
    }

    // Its answer is known: what it has yet to say means nothing (RFC 9114, section 4.1.1).
    private void endInput() {
        if (over || inputEnded) return;
        channel.shutdownInput(Http3ErrorCode.H3_NO_ERROR.code());
        channel.close();
        connection.strayed();
        over();
    }

    @Override
    public void flush() {} // Netty does, at once

    @Override
    public boolean share(ByteBuf shared) {
        return false; // as any other piece: packets stand between it and the socket
    }

    @Override
    public long pending() {
        long bytes = waitingBytes + given;
        return refused ? bytes + 1 : bytes; // a closed window is stalled too, whatever waits for it
    }

    @Override
    public long untaken() {
        return waitingBytes + given;
    }

    @Override
    public boolean hasRoom() {
        boolean room = !over && waiting == null && takes();
        refused |= !room;
        return room;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) hold();
    }

    private void hold() {
        if (held || over) return;
        held = true;
        connection.hold(this);
    }

    boolean isHeld() {
        return held;
    }

    /** There may be room. */
    void proceed() {
        held = false;
        if (over) return;
        go();
        endIfDue();
        if (!refused || waiting != null || !takes()) return;
        refused = false;
        carried.roomAgain();
    }

    // --- the end

    // A socket ends as one of TCP does: the peer has its own end to say yet (RFC 9220, section 3).
    @Override
    public void finish() {
        if (over) return;
        finishing |= !isSocket();
        endOutput();
    }

    @Override
    public void endOutput() {
        closing = true;
        endIfDue();
    }

    // As a socket is closed whose peer was first: that peer is told the same.
    @Override
    public void close() {
        if (isSocket() && inputEnded && waiting == null) finish();
        else reset(Http3ErrorCode.H3_REQUEST_CANCELLED);
    }

    // Behind a reset nothing is sent again that got lost, and the last messages are as young as the last word.
    @Override
    public void leave() {
        if (waiting != null || given > 0) {
            close();
            return;
        }
        finishing = true;
        if (outputEnded) endInput();
        else endOutput();
    }

    private boolean isSocket() {
        return carried instanceof WebSocketConnection;
    }

    @Override
    public void abandon() {
        reset(Http3ErrorCode.H3_REQUEST_CANCELLED);
    }

    @Override
    public void misused() {
        fault(Http3ErrorCode.H3_MESSAGE_ERROR);
    }

    private void fault(Http3ErrorCode code) {
        reset(code);
        connection.wasted();
    }

    @Override
    public void drop() {
        reset(Http3ErrorCode.H3_EXCESSIVE_LOAD);
    }

    private void reset(Http3ErrorCode code) {
        if (over) return;
        channel.shutdown(code.code());
        channel.close();
        if (!inputEnded) connection.strayed();
        over();
    }

    private void over() {
        over = true;
        connection.ended(this);
        List<Runnable> dropped = Backlog.drop(waiting);
        waiting = null;
        await(-waitingBytes);
        if (lasting) connection.loop().execute(() -> tell(dropped)); // not in the middle of what is carried
        else tell(dropped);
    }

    private void tell(List<Runnable> dropped) {
        Backlog.tell(dropped, carried, whenClosed);
    }

    @Override
    public void whenClosed(Runnable told) {
        whenClosed = Wire.both(whenClosed, told);
    }

    @Override
    public String httpVersion() {
        return "3";
    }

    @Override
    public @Nullable Socket descriptor() {
        return null; // one of UDP knows nothing of who takes what
    }
}
