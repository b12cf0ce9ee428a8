package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http2.Http2Error;
import io.switchboard.core.access.Revocations.Revocation;
import io.switchboard.core.time.Loop;
import io.switchboard.http.caller.Caller;
import io.switchboard.http.caller.Forwarding;
import io.switchboard.http.http2.RequestHead;
import io.switchboard.http.http2.ResponseHead;
import io.switchboard.http.websocket.Deflate;
import io.switchboard.http.websocket.Handshake;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request on a stream of HTTP/2, until its answer is gone or something else lasts on the stream.
 *
 * <pre>
 *   BODY ──its end──► READY ──its turn──► HANDLING ──send──► ANSWERED
 *                                             ├─stream──► {@link StreamConnection} in its place
 *                                             └─upgrade─► {@link WebSocketConnection} in its place
 * </pre>
 *
 * Belongs to its loop.
 */
final class Http2Request extends LastingPeer implements Responder {
    /** What all requests of a connection have in common. */
    record Reception(Handler handler, AtomicLong bodyBytesInFlight, Caller peer, Forwarding forwarding) {}

    private enum Phase {
        BODY,
        READY,
        HANDLING,
        ANSWERED
    }

    private static final Logger LOG = LoggerFactory.getLogger(Http2Request.class);

    private final Http2Connection connection;
    private final Http2Stream stream;
    private final Reception reception;
    private final Upload upload;

    private Phase phase = Phase.BODY;
    private long deadlineMillis;
    private @Nullable HttpRequest request; // null until its head was found well, and when it is answered
    private long beganMillis;
    private Caller caller;
    private boolean counted; // among those whose answer may be large
    private boolean orphaned; // the stream is over, and the handler does not know
    private @Nullable Waiting waiting;

    Http2Request(Http2Connection connection, Http2Stream stream, Reception reception) {
        super(connection.connections, connection.limits);
        this.connection = connection;
        this.stream = stream;
        this.reception = reception;
        upload = new Upload(reception.bodyBytesInFlight(), limits.bodyBytesInFlightMax(), limits.bodyBytesMax());
        caller = reception.peer();
        beganMillis = nowMillis();
        deadlineMillis = beganMillis + limits.bodyTimeoutMillis();
    }

    // --- its life

    @Override
    void look(long now) {
        if (hasStalled(now, pending())) {
            abandon();
        } else if (waiting != null && access().isExpired(now)) {
            if (hasRoom()) waiting.expire();
            else close(); // what waits for it is not for it any more
        } else if (now >= deadlineMillis) {
            deadlineMillis = NEVER;
            if (phase == Phase.BODY) {
                refuse(Problem.of(ErrorCode.REQUEST_TIMEOUT, "The body of the request stood still for too long."));
            } else if (waiting != null) {
                waiting.due(now);
            }
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
    InetAddress client() {
        return caller.address();
    }

    @Override
    void drain(long leaveMillis, long backMillis) {
        if (waiting != null) drain(waiting, leaveMillis, backMillis - leaveMillis);
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

    @Override
    void roomAgain() {}

    @Override
    void failed(Throwable cause) {
        log(cause);
        close();
    }

    @Override
    void closed() {
        connections.remove(this);
        upload.release();
        if (phase == Phase.READY) connection.turns().leave(this);
        orphaned = phase == Phase.HANDLING && waiting == null;
        if (orphaned) connection.orphaned();
        else handled();
        phase = Phase.ANSWERED;
        Waiting left = waiting;
        waiting = null;
        if (left != null) left.gone();
    }

    // --- what arrives

    /** Its head has arrived. */
    void begin(RequestHead.Accepted accepted, boolean whole) {
        HttpRequest head = accepted.head();
        request = head;
        caller = reception.forwarding().caller(reception.peer(), head.headers());
        if (whole) return;
        if (Handshake.isConnected(head.headers())) {
            ready(); // what comes behind it is no body
            return;
        }
        stream.expect(accepted.contentLength());
        Response unwelcome = reception.handler().beforeBody(Connection.request(head, Connection.NOTHING));
        if (accepted.contentLength() > limits.bodyBytesMax()) {
            refuse(Connection.bodyTooLarge(limits));
        } else if (unwelcome != null) {
            refuse(unwelcome);
        } else if (HttpUtil.is100ContinueExpected(head)) {
            stream.headers(ResponseHead.goOn(), false);
        }
    }

    @Override
    void received(ByteBuf content) {
        HttpRequest head = request;
        if (head == null) return;
        if (phase == Phase.READY || phase == Phase.HANDLING) {
            connection.fault(stream, Http2Error.PROTOCOL_ERROR); // it speaks before its handshake is answered
            return;
        }
        if (phase != Phase.BODY) return;
        switch (upload.add(content, HttpUtil.getContentLength(head, -1L))) {
            case TOO_LARGE -> refuse(Connection.bodyTooLarge(limits));
            case NO_ROOM -> refuse(Connection.noRoomForBodies());
            case TAKEN -> {
                if (upload.hasMoved()) deadlineMillis = nowMillis() + limits.bodyTimeoutMillis();
            }
        }
    }

    @Override
    void receivedAll() {}

    @Override
    void inputEnded() {
        if (request == null) return;
        if (phase == Phase.BODY) ready();
        else if (phase != Phase.ANSWERED) close(); // nothing will be said behind its handshake
    }

    private void ready() {
        phase = Phase.READY;
        deadlineMillis = NEVER;
        connection.turns().await(this);
    }

    boolean hasBegun() {
        return request != null;
    }

    /** The connection brings nothing more: who waits for news, or has not said all, is taken for gone. */
    void inputLost() {
        if (phase == Phase.BODY || waiting != null) close();
    }

    /** Whether the answer may be large; of these, few are made at a time. */
    boolean isRead() {
        return request != null && request.method().equals(HttpMethod.GET);
    }

    /** Its turn has come. */
    void handle() {
        HttpRequest head = request;
        if (head == null || phase != Phase.READY) return;
        phase = Phase.HANDLING;
        counted = isRead();
        Request whole = Connection.request(head, upload.content());
        try {
            reception.handler().handle(whole, this);
        } catch (RuntimeException e) {
            LOG.error("A request failed: {} {}", head.method(), whole.path(), e);
            if (phase == Phase.HANDLING) {
                send(Response.of(Problem.of(ErrorCode.INTERNAL, "The server made a mistake; it is in its log.")));
            } else {
                close();
            }
        }
    }

    // Its answer is known, or something lasts: another one may have its turn.
    private void handled() {
        if (!counted) return;
        counted = false;
        connection.turns().handled();
    }

    /** Answers a request that is not worth handling; of its body, nothing more is wanted. */
    void refuse(Problem problem) {
        refuse(Connection.refusal(problem));
    }

    private void refuse(Response response) {
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
    public boolean sendsFiles() {
        return false; // frames stand between their bytes
    }

    // Nobody is there to be answered.
    private boolean isGone() {
        if (orphaned) {
            orphaned = false;
            connection.adopted();
            handled();
        }
        return phase != Phase.HANDLING;
    }

    @Override
    public void send(Response response) {
        if (isGone()) {
            response.release();
            return;
        }
        phase = Phase.ANSWERED;
        deadlineMillis = NEVER;
        waiting = null;
        upload.release();
        HttpRequest head = request;
        long length = response.length();
        if (!connection.turns().takes(length)) {
            response.release();
            handled();
            stream.reset(Http2Error.ENHANCE_YOUR_CALM);
            return;
        }
        if (response.isClosing()) connection.wasted();
        boolean bare = head != null && head.method().equals(HttpMethod.HEAD);
        Connection.stamp(response.headers(), connections.date());
        connections.answered(access(), client(), head, beganMillis, response.status(), length);
        if (!bare && response.status() != 204 && response.status() != 304) {
            response.headers().set(HttpHeaderNames.CONTENT_LENGTH, length);
        }
        sent(Math.max(1, length));
        boolean empty = bare || length == 0;
        stream.headers(ResponseHead.of(response.status(), response.headers()), empty);
        if (empty) {
            response.release();
            stream.finish();
        } else {
            stream.writeLast(response.body());
        }
        handled();
    }

    @Override
    public void await(Waiting waiter, long atMillis) {
        if (isGone()) {
            waiter.gone();
            return;
        }
        waiting = waiter;
        deadlineMillis = atMillis;
        handled();
        if (connection.isDraining()) drain(connection.leaveMillis(), connection.backMillis());
    }

    @Override
    public Sink stream(Response response, Waiting owner) {
        HttpRequest head = request;
        if (isGone() || head == null) {
            owner.gone();
            return ClosedSink.INSTANCE;
        }
        if (head.method().equals(HttpMethod.HEAD)) {
            send(response);
            owner.gone();
            return ClosedSink.INSTANCE;
        }
        phase = Phase.ANSWERED;
        upload.release();
        Connection.stamp(response.headers(), connections.date());
        stream.headers(ResponseHead.of(response.status(), response.headers()), false);
        StreamConnection next = new StreamConnection(connections, limits, caller.address(), Framing.BARE, owner);
        giveWay(next);
        connections.answeredForLong(next, head, beganMillis, response.status());
        if (connection.isDraining()) {
            loop().execute(() ->
                    next.drain(connection.leaveMillis(), connection.backMillis())); // once the owner has it
        }
        return next;
    }

    @Override
    public void upgrade(Handshake handshake, @Nullable String subprotocol, SocketOwner owner) {
        HttpRequest head = request;
        if (isGone() || head == null) return;
        if (connection.isDraining()) {
            refuse(Problem.of(ErrorCode.UNAVAILABLE, "The server is going down; come back shortly."));
            return;
        }
        if (access().isExpired(nowMillis())) {
            refuse(Problem.of(ErrorCode.UNAUTHORIZED, "What this was asked with counts no more."));
            return;
        }
        phase = Phase.ANSWERED;
        upload.release();
        Response agreement = Response.of(HttpResponseStatus.OK.code());
        handshake.agree(subprotocol, connections.date(), agreement.headers());
        stream.headers(ResponseHead.of(agreement.status(), agreement.headers()), false);
        Deflate deflate = handshake.deflate();
        int windowBits = deflate == null ? 0 : deflate.windowBits();
        WebSocketConnection socket = new WebSocketConnection(
                connections, limits, reception.bodyBytesInFlight(), windowBits, caller.address(), owner);
        giveWay(socket);
        owner.begin(socket);
        connections.answeredForLong(socket, head, beganMillis, agreement.status());
    }

    // Behind what was written, something else is carried.
    private void giveWay(LastingPeer next) {
        connections.remove(this);
        next.begin(stream);
        next.succeed(this);
        stream.carry(next);
        handled();
    }
}
