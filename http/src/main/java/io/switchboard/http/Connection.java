package io.switchboard.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.switchboard.core.access.Access;
import io.switchboard.http.caller.Caller;
import io.switchboard.http.websocket.Handshake;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import io.switchboard.http.wire.RequestDecoder;
import io.switchboard.http.wire.RequestGuard;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection: one request at a time, in order (RFC 9112, section 9.3).
 *
 * <pre>
 *   IDLE ──header──► BODY ──its end──► HANDLING ──send──► IDLE, or CLOSING
 *                                         ├────stream──► {@link StreamConnection} in its place
 *                                         └────upgrade─► {@link WebSocketConnection} in its place
 * </pre>
 *
 * What a client sends ahead waits in {@code ahead}, behind a request that is under way or answers that the
 * client has not taken; beyond {@link Ahead#PIECES_MAX} pieces or {@link Ahead#BYTES_MAX} bytes the socket is not read.
 * A deadline goes with every phase, and the look of {@link Connections} acts on it. Belongs to its loop.
 */
final class Connection extends RequestPeer {
    private enum Phase {
        IDLE,
        BODY,
        HANDLING,
        CLOSING
    }

    private static final long CLOSING_MILLIS = 2_000;

    private final Headcount.Guest guest;

    private Phase phase = Phase.IDLE;
    private boolean headerBegun;
    private boolean reading; // a message came in this turn of reading, whose end flushes
    private boolean inputEnded; // the peer has asked all it wants to
    private @Nullable Departure departure; // null until the server goes down
    private final Ahead ahead;
    private boolean taking; // from `ahead`
    private boolean keepAlive;

    Connection(Connections connections, HttpLimits limits, Reception reception, Caller peer, Headcount.Guest guest) {
        super(connections, limits, reception, peer);
        this.guest = guest;
        ahead = new Ahead(reception.bodyBytesInFlight(), limits.bodyBytesInFlightMax());
    }

    // --- the connection's life

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        super.handlerAdded(ctx);
        deadlineMillis = nowMillis() + limits.headerTimeoutMillis();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        phase = Phase.CLOSING;
        ahead.drop();
        left();
    }

    @Override
    @SuppressWarnings("deprecation") // overridden to keep Netty from logging the peer's mistakes
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!isOfThePeer(cause)) log(cause);
        ctx.close();
    }

    @Override
    void late(long now) {
        switch (phase) {
            case IDLE -> {
                if (headerBegun)
                    refuse(Problem.of(ErrorCode.REQUEST_TIMEOUT, "The header of a request took too long."));
                else if (pending() > 0) deadlineMillis = now + limits.idleTimeoutMillis(); // it still takes its answer
                else close();
            }
            case BODY -> bodyIsLate();
            case HANDLING -> due(now);
            case CLOSING -> close();
        }
    }

    @Override
    void drain(long leaveMillis, long backMillis) {
        departure = new Departure(nowMillis() + leaveMillis, nowMillis() + backMillis);
        switch (phase) {
            case IDLE -> {
                if (pending() > 0) closeAfter(Unpooled.EMPTY_BUFFER);
                else if (!headerBegun) close();
            }
            case HANDLING -> drainWaiting(leaveMillis, backMillis);
            case BODY, CLOSING -> {}
        }
    }

    @Override
    @Nullable
    Departure departure() {
        return departure;
    }

    // --- requests

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        reading = true;
        if (phase == Phase.CLOSING) {
            ReferenceCountUtil.release(message);
        } else if (mustWait() || !ahead.isEmpty()) {
            ahead.add(message);
            if (ahead.isFull()) ctx.channel().config().setAutoRead(false);
        } else {
            take(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        // Bytes that made no message are the beginning of a header.
        if (!reading && phase == Phase.IDLE && !headerBegun) {
            headerBegun = true;
            deadlineMillis = nowMillis() + limits.headerTimeoutMillis();
        }
        reading = false;
        ctx.flush();
        if (!ahead.count()) close();
    }

    // Answers that the peer does not take must not pile up, so no request is begun meanwhile.
    private boolean mustWait() {
        return phase == Phase.HANDLING
                || (phase == Phase.IDLE && !context().channel().isWritable());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) inputEnded();
        else ctx.fireUserEventTriggered(event);
    }

    // Answers that are under way still go out. Whoever waits for news looks the same as one who left, and is
    // taken for that.
    private void inputEnded() {
        inputEnded = true;
        switch (phase) {
            case IDLE, BODY -> {
                if (ahead.isEmpty()) closeAfter(Unpooled.EMPTY_BUFFER);
            }
            case HANDLING -> {
                if (isWaiting()) close();
            }
            case CLOSING -> {
                if (deadlineMillis != NEVER) close(); // all was said
            }
        }
    }

    private void take(Object message) {
        switch (message) {
            case Problem problem -> refuse(problem);
            case HttpRequest head -> begin(head);
            case HttpContent content -> {
                try {
                    if (phase == Phase.BODY && takeBody(content.content()) && content instanceof LastHttpContent)
                        dispatch();
                } finally {
                    content.release();
                }
            }
            default -> ReferenceCountUtil.release(message);
        }
    }

    private void begin(HttpRequest head) {
        asked(head);
        headerBegun = false;
        keepAlive = HttpUtil.isKeepAlive(head);
        // HTTP/1.0 knows no upgrades (RFC 9110, section 7.8).
        if (head.protocolVersion().equals(HttpVersion.HTTP_1_0)) head.headers().remove(HttpHeaderNames.UPGRADE);
        phase = Phase.BODY;
        long length = HttpUtil.getContentLength(head, -1L);
        boolean empty = length == 0 || (length < 0 && !HttpUtil.isTransferEncodingChunked(head));
        Response unwelcome = empty ? null : unwelcome(head, length);
        if (unwelcome != null) {
            refuse(unwelcome);
        } else if (HttpUtil.is100ContinueExpected(head)) {
            context().writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
        }
    }

    private void dispatch() {
        HttpRequest head = request();
        if (head == null) return;
        phase = Phase.HANDLING;
        deadlineMillis = NEVER;
        admit(Access.OPEN);
        handle(head);
    }

    // It ends the connection.
    @Override
    void refuse(Response response) {
        keepAlive = false;
        phase = Phase.HANDLING;
        send(response);
    }

    // --- answers

    @Override
    boolean isHandling() {
        return phase == Phase.HANDLING;
    }

    @Override
    void decided() {}

    @Override
    boolean hasLeft() {
        return inputEnded;
    }

    @Override
    public boolean sendsFiles() {
        return context().pipeline().get(SslHandler.class) == null;
    }

    @Override
    public void send(Response response) {
        if (phase != Phase.HANDLING) {
            response.release();
            return;
        }
        boolean persists = keepAlive && !response.isClosing() && departure == null && !(inputEnded && ahead.isEmpty());
        persistence(response.headers(), request(), persists);
        boolean bare = answer(response);
        Object message = response.begin(context(), bare);
        if (!persists) {
            closeAfter(message);
            return;
        }
        phase = Phase.IDLE;
        headerBegun = false;
        deadlineMillis = nowMillis() + limits.idleTimeoutMillis();
        if (reading) context().write(message, context().voidPromise());
        else context().writeAndFlush(message, context().voidPromise());
        next();
    }

    private static void persistence(HttpHeaders headers, @Nullable HttpRequest head, boolean persists) {
        if (!persists) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        } else if (head != null && !head.protocolVersion().isKeepAliveDefault()) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        }
    }

    // The peer may take its time over the last answer, as over any other. It may also still be sending what it
    // was refused: give it a moment before the connection is reset under it (RFC 9112, section 9.6).
    private void closeAfter(Object message) {
        phase = Phase.CLOSING;
        deadlineMillis = NEVER;
        ahead.drop();
        context().channel().config().setAutoRead(true);
        context().writeAndFlush(message).addListener(sent -> {
            if (sent.isSuccess() && !inputEnded) {
                deadlineMillis = nowMillis() + CLOSING_MILLIS;
                endOutput();
            } else {
                close();
            }
        });
    }

    // Takes what came ahead, until a request needs its time. An answer given meanwhile comes back here, and
    // must not go down once more: a client can send thousands of requests at once.
    private void next() {
        if (taking) return;
        taking = true;
        while (!ahead.isEmpty() && !mustWait() && phase != Phase.CLOSING) {
            take(ahead.take());
        }
        taking = false;
        ahead.count();
        if (!ahead.isEmpty()) return;
        if (inputEnded && (phase == Phase.IDLE || phase == Phase.BODY)) closeAfter(Unpooled.EMPTY_BUFFER);
        else if (!context().channel().config().isAutoRead())
            context().channel().config().setAutoRead(true);
    }

    @Override
    Framing beginStream(HttpRequest head, Response response) {
        HttpHeaders headers = response.headers();
        boolean chunked = head.protocolVersion().compareTo(HttpVersion.HTTP_1_1) >= 0
                && !headers.contains(HttpHeaderNames.CONTENT_LENGTH);
        persistence(headers, head, false);
        if (chunked) headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        HttpResponse message =
                new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(response.status()), headers);
        context().write(message, context().voidPromise());
        ahead.drop();
        return chunked ? Framing.CHUNKED : Framing.BARE;
    }

    @Override
    boolean spokeAhead() {
        return !ahead.isEmpty();
    }

    @Override
    int agree(Handshake handshake, @Nullable String subprotocol) {
        context()
                .write(
                        handshake.answer(subprotocol, connections.date()),
                        context().voidPromise());
        return HttpResponseStatus.SWITCHING_PROTOCOLS.code();
    }

    // No HTTP is spoken here any more.
    @Override
    void giveWay(LastingPeer next, Runnable begin) {
        phase = Phase.CLOSING;
        ChannelPipeline pipeline = context().pipeline();
        pipeline.channel().config().setAutoRead(true);
        pipeline.addLast(next);
        next.succeed(this);
        pipeline.remove(HttpResponseEncoder.class);
        pipeline.remove(RequestGuard.class);
        pipeline.remove(this);
        begin.run();
        pipeline.remove(RequestDecoder.class); // last: what it holds goes to those who come after it
        pipeline.channel().flush();
        next.settle(guest);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) next();
    }
}
