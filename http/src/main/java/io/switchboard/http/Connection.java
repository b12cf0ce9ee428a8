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
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import io.switchboard.core.access.Access;
import io.switchboard.core.access.Revocations.Revocation;
import io.switchboard.core.time.Loop;
import io.switchboard.http.caller.Caller;
import io.switchboard.http.caller.Forwarding;
import io.switchboard.http.websocket.Deflate;
import io.switchboard.http.websocket.Handshake;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import io.switchboard.http.wire.RequestDecoder;
import io.switchboard.http.wire.RequestGuard;
import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
final class Connection extends Peer implements Responder {
    private enum Phase {
        IDLE,
        BODY,
        HANDLING,
        CLOSING
    }

    private static final long CLOSING_MILLIS = 2_000;
    private static final AsciiString NOSNIFF_NAME = AsciiString.cached("X-Content-Type-Options");
    private static final AsciiString NOSNIFF = AsciiString.cached("nosniff");
    private static final AsciiString RESOURCE_POLICY_NAME = AsciiString.cached("Cross-Origin-Resource-Policy");
    private static final AsciiString CROSS_ORIGIN = AsciiString.cached("cross-origin");
    static final byte[] NOTHING = new byte[0];

    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    private final Handler handler;
    private final AtomicLong bodyBytesInFlight; // of all connections
    private final Caller peer;
    private final Forwarding forwarding;
    private final Headcount.Guest guest;

    private Phase phase = Phase.IDLE;
    private long deadlineMillis;
    private boolean headerBegun;
    private boolean reading; // a message came in this turn of reading, whose end flushes
    private boolean inputEnded; // the peer has asked all it wants to
    private boolean draining;
    private long leaveAtMillis; // when this one goes, while draining
    private long backAtMillis; // when its client is to come back
    private final Ahead ahead;
    private boolean taking; // from `ahead`

    private @Nullable HttpRequest request;
    private long beganMillis; // of the request
    private Caller caller; // of the request that was begun last
    private final Upload upload;
    private boolean keepAlive;
    private @Nullable Waiting waiting;

    Connection(
            Connections connections,
            Handler handler,
            HttpLimits limits,
            AtomicLong bodyBytesInFlight,
            Caller peer,
            Forwarding forwarding,
            Headcount.Guest guest) {
        super(connections, limits);
        this.handler = handler;
        this.bodyBytesInFlight = bodyBytesInFlight;
        this.peer = peer;
        this.forwarding = forwarding;
        this.guest = guest;
        caller = peer;
        upload = new Upload(bodyBytesInFlight, limits.bodyBytesInFlightMax(), limits.bodyBytesMax());
        ahead = new Ahead(bodyBytesInFlight, limits.bodyBytesInFlightMax());
    }

    // --- the connection's life

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        super.handlerAdded(ctx);
        deadlineMillis = nowMillis() + limits.headerTimeoutMillis();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        connections.remove(this);
        phase = Phase.CLOSING;
        upload.release();
        ahead.drop();
        Waiting left = waiting;
        waiting = null;
        if (left != null) left.gone();
    }

    @Override
    @SuppressWarnings("deprecation") // overridden to keep Netty from logging the peer's mistakes
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!isOfThePeer(cause)) log(cause);
        ctx.close();
    }

    @Override
    void look(long now) {
        long pending = pending();
        if (hasStalled(now, pending) || isSilent(now)) {
            abandon();
            return;
        }
        if (waiting != null && access().isExpired(now)) {
            if (hasRoom()) waiting.expire();
            else close(); // what waits for it is not for it any more
            return;
        }
        if (now < deadlineMillis) return;
        switch (phase) {
            case IDLE -> {
                if (headerBegun)
                    refuse(Problem.of(ErrorCode.REQUEST_TIMEOUT, "The header of a request took too long."));
                else if (pending > 0) deadlineMillis = now + limits.idleTimeoutMillis(); // it still takes its answer
                else close();
            }
            case BODY ->
                refuse(Problem.of(ErrorCode.REQUEST_TIMEOUT, "The body of the request stood still for too long."));
            case HANDLING -> {
                deadlineMillis = NEVER;
                if (waiting != null) waiting.due(now);
            }
            case CLOSING -> close();
        }
    }

    // The next look ends what lasts already, or what this request becomes until then.
    @Override
    void revoke(Revocation revocation) {
        if (revocation.concerns(access())) admit(REVOKED);
    }

    @Override
    @Nullable
    Occupation occupation() {
        return waiting == null ? null : waiting.occupation();
    }

    @Override
    void drain(long leaveMillis, long backMillis) {
        draining = true;
        leaveAtMillis = nowMillis() + leaveMillis;
        backAtMillis = nowMillis() + backMillis;
        switch (phase) {
            case IDLE -> {
                if (pending() > 0) closeAfter(Unpooled.EMPTY_BUFFER);
                else if (!headerBegun) close();
            }
            case HANDLING -> {
                if (waiting != null) drain(waiting, leaveMillis, backMillis - leaveMillis);
            }
            case BODY, CLOSING -> {}
        }
    }

    // From now, as this connection was told when the server began to go down.
    private long leaveMillis() {
        return Math.max(0, leaveAtMillis - nowMillis());
    }

    private long backMillis() {
        return Math.max(leaveMillis(), backAtMillis - nowMillis());
    }

    private void drain(Waiting told, long leaveMillis, long afterMillis) {
        if (leaveMillis == 0) {
            told.drain(afterMillis);
            return;
        }
        loop().after(leaveMillis, () -> {
            if (told.equals(waiting)) told.drain(afterMillis);
        });
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
                if (waiting != null) close();
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
                    if (phase == Phase.BODY) receive(content);
                } finally {
                    content.release();
                }
            }
            default -> ReferenceCountUtil.release(message);
        }
    }

    private void begin(HttpRequest head) {
        request = head;
        beganMillis = nowMillis();
        caller = forwarding.caller(peer, head.headers());
        headerBegun = false;
        keepAlive = HttpUtil.isKeepAlive(head);
        // HTTP/1.0 knows no upgrades (RFC 9110, section 7.8).
        if (head.protocolVersion().equals(HttpVersion.HTTP_1_0)) head.headers().remove(HttpHeaderNames.UPGRADE);
        phase = Phase.BODY;
        deadlineMillis = nowMillis() + limits.bodyTimeoutMillis();
        long length = HttpUtil.getContentLength(head, -1L);
        Response unwelcome = length == 0 || (length < 0 && !HttpUtil.isTransferEncodingChunked(head))
                ? null
                : handler.beforeBody(request(head, NOTHING));
        if (length > limits.bodyBytesMax()) {
            refuse(bodyTooLarge(limits));
        } else if (unwelcome != null) {
            refuse(unwelcome);
        } else if (HttpUtil.is100ContinueExpected(head)) {
            context().writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
        }
    }

    static Problem bodyTooLarge(HttpLimits limits) {
        return Problem.of(ErrorCode.TOO_LARGE, "The body of a request has at most " + limits.bodyBytesMax() + " bytes.")
                .with("bytesMax", limits.bodyBytesMax());
    }

    static Problem noRoomForBodies() {
        return Problem.of(ErrorCode.UNAVAILABLE, "The server holds as many unfinished bodies as it may; try again.");
    }

    private void receive(HttpContent content) {
        long announced = request == null ? -1 : HttpUtil.getContentLength(request, -1L);
        switch (upload.add(content.content(), announced)) {
            case TOO_LARGE -> refuse(bodyTooLarge(limits));
            case NO_ROOM -> refuse(noRoomForBodies());
            case TAKEN -> {
                if (upload.hasMoved()) deadlineMillis = nowMillis() + limits.bodyTimeoutMillis();
                if (content instanceof LastHttpContent) dispatch();
            }
        }
    }

    private void dispatch() {
        HttpRequest head = request;
        if (head == null) return;
        phase = Phase.HANDLING;
        deadlineMillis = NEVER;
        admit(Access.OPEN);
        Request whole = request(head, upload.content());
        try {
            handler.handle(whole, this);
        } catch (RuntimeException e) {
            LOG.error("A request failed: {} {}", head.method(), whole.path(), e);
            if (phase == Phase.HANDLING) {
                keepAlive = false;
                send(Response.of(Problem.of(ErrorCode.INTERNAL, "The server made a mistake; it is in its log.")));
            } else {
                close();
            }
        }
    }

    static Request request(HttpRequest head, byte[] content) {
        String target = head.uri();
        int question = target.indexOf('?');
        String path = question < 0 ? target : target.substring(0, question);
        String query = question < 0 ? "" : target.substring(question + 1);
        return new Request(head.method(), path, query, head.headers(), content, Access.OPEN);
    }

    /** Answers a request that is not worth handling, and ends the connection. */
    private void refuse(Problem problem) {
        refuse(refusal(problem));
    }

    /** What a request that is not worth handling is answered with. */
    static Response refusal(Problem problem) {
        Response response = Response.of(problem);
        if (problem.code() == ErrorCode.UNAVAILABLE) response.with(HttpHeaderNames.RETRY_AFTER, "1");
        if (problem.code() == ErrorCode.UNAUTHORIZED) response.with(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
        return response;
    }

    private void refuse(Response response) {
        keepAlive = false;
        phase = Phase.HANDLING;
        send(response);
    }

    // --- answers

    @Override
    public Loop loop() {
        return connections.loop();
    }

    @Override
    public Caller caller() {
        return caller;
    }

    @Override
    InetAddress client() {
        return caller.address();
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
        waiting = null;
        upload.release();
        HttpRequest head = request;
        request = null;
        boolean persists = keepAlive && !response.isClosing() && !draining && !(inputEnded && ahead.isEmpty());
        headers(response.headers(), head, persists);
        long length = response.length();
        boolean bare = head != null && head.method().equals(HttpMethod.HEAD);
        sent(Math.max(1, length));
        connections.answered(
                access(), client(), head, head == null ? nowMillis() : beganMillis, response.status(), length);
        if (!bare && response.status() != 204 && response.status() != 304) {
            response.headers().set(HttpHeaderNames.CONTENT_LENGTH, length);
        }
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

    private void headers(HttpHeaders headers, @Nullable HttpRequest head, boolean persists) {
        if (!persists) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        } else if (head != null && !head.protocolVersion().isKeepAliveDefault()) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        }
        stamp(headers, connections.date());
    }

    /** Adds what every answer has, whatever version of HTTP it goes out in. */
    static void stamp(HttpHeaders headers, AsciiString date) {
        headers.set(HttpHeaderNames.DATE, date);
        headers.set(NOSNIFF_NAME, NOSNIFF);
        headers.set(RESOURCE_POLICY_NAME, CROSS_ORIGIN);
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
    public void await(Waiting waiter, long atMillis) {
        if (phase != Phase.HANDLING) {
            waiter.gone();
            return;
        }
        waiting = waiter;
        deadlineMillis = atMillis;
        if (inputEnded) close();
        else if (draining) {
            long leaveMillis = leaveMillis();
            drain(waiter, leaveMillis, backMillis() - leaveMillis);
        }
    }

    @Override
    public Sink stream(Response response, Waiting owner) {
        HttpRequest head = request;
        if (phase != Phase.HANDLING || head == null) {
            owner.gone();
            return ClosedSink.INSTANCE;
        }
        if (head.method().equals(HttpMethod.HEAD)) {
            send(response);
            owner.gone();
            return ClosedSink.INSTANCE;
        }
        HttpHeaders headers = response.headers();
        boolean chunked = head.protocolVersion().compareTo(HttpVersion.HTTP_1_1) >= 0
                && !headers.contains(HttpHeaderNames.CONTENT_LENGTH);
        headers(headers, head, false);
        if (chunked) headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        HttpResponse message =
                new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(response.status()), headers);
        context().write(message, context().voidPromise());
        ahead.drop();
        Framing framing = chunked ? Framing.CHUNKED : Framing.BARE;
        StreamConnection stream = new StreamConnection(connections, limits, caller.address(), framing, owner);
        giveWay(stream, () -> {});
        connections.answeredForLong(stream, head, beganMillis, response.status());
        if (inputEnded) stream.close();
        else if (draining) loop().execute(() -> stream.drain(leaveMillis(), backMillis())); // once the owner has it
        return stream;
    }

    @Override
    public void upgrade(Handshake handshake, @Nullable String subprotocol, SocketOwner owner) {
        if (phase != Phase.HANDLING || request == null) return;
        if (draining) {
            refuse(Problem.of(ErrorCode.UNAVAILABLE, "The server is going down; come back shortly."));
            return;
        }
        if (access().isExpired(nowMillis())) {
            refuse(Problem.of(ErrorCode.UNAUTHORIZED, "What this was asked with counts no more."));
            return;
        }
        if (!ahead.isEmpty()) {
            refuse(Problem.of(ErrorCode.INVALID, "A client waits for the answer to its handshake before it speaks."));
            return;
        }
        HttpRequest head = request;
        context()
                .write(
                        handshake.answer(subprotocol, connections.date()),
                        context().voidPromise());
        Deflate deflate = handshake.deflate();
        int windowBits = deflate == null ? 0 : deflate.windowBits();
        WebSocketConnection socket =
                new WebSocketConnection(connections, limits, bodyBytesInFlight, windowBits, caller.address(), owner);
        giveWay(socket, () -> owner.begin(socket));
        connections.answeredForLong(socket, head, beganMillis, HttpResponseStatus.SWITCHING_PROTOCOLS.code());
        if (inputEnded) socket.close();
    }

    /** Behind what was written, no HTTP is spoken here any more. */
    private void giveWay(LastingPeer next, Runnable begin) {
        upload.release();
        request = null;
        waiting = null;
        phase = Phase.CLOSING;
        connections.remove(this);
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
