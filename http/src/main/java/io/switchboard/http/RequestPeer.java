package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.util.AsciiString;
import io.switchboard.core.access.Access;
import io.switchboard.core.time.Loop;
import io.switchboard.http.caller.Caller;
import io.switchboard.http.websocket.Deflate;
import io.switchboard.http.websocket.Handshake;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where one request at a time is answered: a whole connection of HTTP/1.1 ({@link Connection}), or a stream of a
 * connection that carries many ({@link StreamRequest}). Here is what a request goes through wherever it came from: who
 * asks, its body, its handler, its answer, and what lasts in its place. Belongs to its loop.
 */
abstract class RequestPeer extends Peer implements Responder {
    private static final byte[] NOTHING = new byte[0];
    private static final AsciiString NOSNIFF_NAME = AsciiString.cached("X-Content-Type-Options");
    private static final AsciiString NOSNIFF = AsciiString.cached("nosniff");
    private static final AsciiString RESOURCE_POLICY_NAME = AsciiString.cached("Cross-Origin-Resource-Policy");
    private static final AsciiString ALTERNATIVE_NAME = AsciiString.cached("Alt-Svc");
    private static final AsciiString CROSS_ORIGIN = AsciiString.cached("cross-origin");

    private static final Logger LOG = LoggerFactory.getLogger(RequestPeer.class);

    private final Reception reception;
    private final Caller peer;
    private final Upload upload;
    private Caller caller; // of the request that was begun last
    private @Nullable HttpRequest request; // null until one has begun, and once it is answered
    private long beganMillis; // of the request
    private @Nullable Waiting waiting;
    long deadlineMillis = NEVER; // of whatever goes on

    RequestPeer(Connections connections, HttpLimits limits, Reception reception, Caller peer) {
        super(connections, limits);
        this.reception = reception;
        this.peer = peer;
        caller = peer;
        upload = new Upload(reception.bodyBytesInFlight(), limits.bodyBytesInFlightMax(), limits.bodyBytesMax());
    }

    // --- its life

    @Override
    final void look(long now) {
        if (hasStalled(now, pending()) || isSilent(now)) {
            abandon();
        } else if (waiting != null && access().isExpired(now)) {
            if (hasRoom()) waiting.expire();
            else close(); // what waits for it is not for it any more
        } else if (now >= deadlineMillis) {
            late(now);
        }
    }

    /** The deadline has passed. */
    abstract void late(long now);

    /** Whoever waits asked to be called now. */
    final void due(long now) {
        deadlineMillis = NEVER;
        if (waiting != null) waiting.due(now);
    }

    final void bodyIsLate() {
        refuse(Problem.of(ErrorCode.REQUEST_TIMEOUT, "The body of the request stood still for too long."));
    }

    @Override
    final @Nullable Occupation occupation() {
        return waiting == null ? null : waiting.occupation();
    }

    @Override
    final InetAddress client() {
        return caller.address();
    }

    /** Null until the server goes down. */
    abstract @Nullable Departure departure();

    /** Whoever waits is told, when the moment has come, that the server goes down. */
    final void drainWaiting(long leaveMillis, long backMillis) {
        Waiting told = waiting;
        if (told == null) return;
        long afterMillis = backMillis - leaveMillis;
        if (leaveMillis == 0) {
            told.drain(afterMillis);
            return;
        }
        loop().after(leaveMillis, () -> {
            if (told.equals(waiting)) told.drain(afterMillis);
        });
    }

    /** Whether somebody keeps the request open. */
    final boolean isWaiting() {
        return waiting != null;
    }

    /** Nobody is there any more for whom anything was kept. */
    final void left() {
        connections.remove(this);
        upload.release();
        Waiting forsaken = waiting;
        waiting = null;
        if (forsaken != null) forsaken.gone();
    }

    // --- what is asked

    /** The head of a request has arrived. */
    final void asked(HttpRequest head) {
        request = head;
        beganMillis = nowMillis();
        caller = reception.forwarding().caller(peer, head.headers());
        deadlineMillis = beganMillis + limits.bodyTimeoutMillis();
    }

    /** What is asked; null if nothing is. */
    final @Nullable HttpRequest request() {
        return request;
    }

    /**
     * Before its body comes.
     *
     * @param length as announced; below zero if it was not
     * @return what it is refused with already; null if its body may come
     */
    final @Nullable Response unwelcome(HttpRequest head, long length) {
        Response unwelcome = reception.handler().beforeBody(whole(head, NOTHING));
        return length > limits.bodyBytesMax() ? refusal(bodyTooLarge()) : unwelcome;
    }

    /** @return whether a piece of the body was taken; else the request is refused */
    final boolean takeBody(ByteBuf content) {
        long announced = request == null ? -1 : HttpUtil.getContentLength(request, -1L);
        switch (upload.add(content, announced)) {
            case TOO_LARGE -> refuse(bodyTooLarge());
            case NO_ROOM ->
                refuse(Problem.of(
                        ErrorCode.UNAVAILABLE, "The server holds as many unfinished bodies as it may; try again."));
            case TAKEN -> {
                if (upload.hasMoved()) deadlineMillis = nowMillis() + limits.bodyTimeoutMillis();
                return true;
            }
        }
        return false;
    }

    private Problem bodyTooLarge() {
        return Problem.of(ErrorCode.TOO_LARGE, "The body of a request has at most " + limits.bodyBytesMax() + " bytes.")
                .with("bytesMax", limits.bodyBytesMax());
    }

    /** All of it is there. */
    final void handle(HttpRequest head) {
        Request whole = whole(head, upload.content());
        try {
            reception.handler().handle(whole, this);
        } catch (RuntimeException e) {
            LOG.error("A request failed: {} {}", head.method(), whole.path(), e);
            if (isHandling()) {
                refuse(Problem.of(ErrorCode.INTERNAL, "The server made a mistake; it is in its log."));
            } else {
                close();
            }
        }
    }

    private static Request whole(HttpRequest head, byte[] content) {
        String target = head.uri();
        int question = target.indexOf('?');
        String path = question < 0 ? target : target.substring(0, question);
        String query = question < 0 ? "" : target.substring(question + 1);
        return new Request(head.method(), path, query, head.headers(), content, Access.OPEN);
    }

    /** Answers a request that is not worth handling; nothing more of it is wanted. */
    final void refuse(Problem problem) {
        refuse(refusal(problem));
    }

    abstract void refuse(Response response);

    private static Response refusal(Problem problem) {
        Response response = Response.of(problem);
        if (problem.code() == ErrorCode.UNAVAILABLE) response.with(HttpHeaderNames.RETRY_AFTER, "1");
        if (problem.code() == ErrorCode.UNAUTHORIZED) response.with(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
        return response;
    }

    // --- answers

    @Override
    public final Loop loop() {
        return connections.loop();
    }

    @Override
    public final Caller caller() {
        return caller;
    }

    /** Whether a handler has the request and has not answered yet. */
    abstract boolean isHandling();

    /** As {@link #isHandling}, asked by whoever is about to answer. */
    boolean mayAnswer() {
        return isHandling();
    }

    /** It is known how the request is answered, or that it will take a while. */
    abstract void decided();

    /** Whether the peer has said that it asks for nothing more: nothing lasts for it. */
    abstract boolean hasLeft();

    /**
     * Completes the head of an answer, and counts it: nothing is asked any more.
     *
     * @return whether the head is sent alone
     */
    final boolean answer(Response response) {
        HttpRequest head = request;
        release();
        stamp(response.headers());
        long length = response.length();
        long began = head == null ? nowMillis() : beganMillis;
        boolean bare = isBare(head);
        sent(Math.max(1, length));
        connections.answered(access(), client(), head, began, response.status(), length);
        if (!bare && response.status() != 204 && response.status() != 304) {
            response.headers().set(HttpHeaderNames.CONTENT_LENGTH, length);
        }
        return bare;
    }

    /** Nothing is kept for the request any more. */
    final void release() {
        request = null;
        waiting = null;
        upload.release();
    }

    private static boolean isBare(@Nullable HttpRequest head) {
        return head != null && head.method().equals(HttpMethod.HEAD);
    }

    // What every answer has, whatever version of HTTP it goes out in.
    private void stamp(HttpHeaders headers) {
        headers.set(HttpHeaderNames.DATE, connections.date());
        headers.set(NOSNIFF_NAME, NOSNIFF);
        headers.set(RESOURCE_POLICY_NAME, CROSS_ORIGIN);
        String alternative = reception.alternative().get();
        if (alternative != null) headers.set(ALTERNATIVE_NAME, alternative);
    }

    @Override
    public final void await(Waiting waiter, long atMillis) {
        if (!mayAnswer()) {
            waiter.gone();
            return;
        }
        waiting = waiter;
        deadlineMillis = atMillis;
        decided();
        Departure leaving = departure();
        if (hasLeft()) close();
        else if (leaving != null) drainWaiting(leaving.leaveMillis(nowMillis()), leaving.backMillis(nowMillis()));
    }

    @Override
    public final Sink stream(Response response, Waiting owner) {
        HttpRequest head = request;
        if (!mayAnswer() || head == null) {
            owner.gone();
            return ClosedSink.INSTANCE;
        }
        if (isBare(head)) {
            send(response);
            owner.gone();
            return ClosedSink.INSTANCE;
        }
        stamp(response.headers());
        Framing framing = beginStream(head, response);
        StreamConnection next = new StreamConnection(connections, limits, caller.address(), framing, owner);
        giveWay(next, head, response.status(), () -> {});
        Departure leaving = departure();
        if (hasLeft()) next.close();
        else if (leaving != null) {
            loop().execute(
                            () -> // once the owner has it
                            next.drain(leaving.leaveMillis(nowMillis()), leaving.backMillis(nowMillis())));
        }
        return next;
    }

    /** Sends the head of an answer whose content comes piece by piece. */
    abstract Framing beginStream(HttpRequest head, Response response);

    @Override
    public final void upgrade(Handshake handshake, @Nullable String subprotocol, SocketOwner owner) {
        HttpRequest head = request;
        if (!mayAnswer() || head == null) return;
        if (departure() != null) {
            refuse(Problem.of(ErrorCode.UNAVAILABLE, "The server is going down; come back shortly."));
            return;
        }
        if (access().isExpired(nowMillis())) {
            refuse(Problem.of(ErrorCode.UNAUTHORIZED, "What this was asked with counts no more."));
            return;
        }
        if (spokeAhead()) {
            refuse(Problem.of(ErrorCode.INVALID, "A client waits for the answer to its handshake before it speaks."));
            return;
        }
        int status = agree(handshake, subprotocol);
        Deflate deflate = handshake.deflate();
        int windowBits = deflate == null ? 0 : deflate.windowBits();
        WebSocketConnection socket = new WebSocketConnection(
                connections, limits, reception.bodyBytesInFlight(), windowBits, caller.address(), owner);
        giveWay(socket, head, status, () -> owner.begin(socket));
        if (hasLeft()) socket.close();
    }

    /** Whether something has come behind a request that is not answered yet. */
    abstract boolean spokeAhead();

    /**
     * Answers a handshake.
     *
     * @return the status of that answer
     */
    abstract int agree(Handshake handshake, @Nullable String subprotocol);

    private void giveWay(LastingPeer next, HttpRequest head, int status, Runnable begin) {
        release();
        connections.remove(this);
        giveWay(next, begin);
        decided();
        connections.answeredForLong(next, head, beganMillis, status);
    }

    /**
     * Behind what was written, something else is carried; it is to {@link Peer#succeed} this one.
     *
     * @param begin once it is
     */
    abstract void giveWay(LastingPeer next, Runnable begin);
}
