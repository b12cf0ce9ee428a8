package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.switchboard.http.http2.RequestHead;
import io.switchboard.http.websocket.Handshake;
import org.jspecify.annotations.Nullable;

/**
 * One request on a stream of a connection that carries many, until its answer is gone or something else lasts on the
 * stream. It knows no version of HTTP.
 *
 * <pre>
 *   HEAD ──► BODY ──its end──► READY ──its turn──► HANDLING ──send──► ANSWERED
 *                                                      ├─stream──► {@link StreamConnection} in its place
 *                                                      └─upgrade─► {@link WebSocketConnection} in its place
 * </pre>
 *
 * Belongs to its loop.
 */
final class StreamRequest extends RequestPeer implements Carried {
    private enum Phase {
        HEAD,
        BODY,
        READY,
        HANDLING,
        ANSWERED
    }

    private final Multiplex connection;
    private final StreamWire stream;

    private Phase phase = Phase.HEAD;
    private boolean counted; // among those whose answer may be large
    private boolean orphaned; // the stream is over, and the handler does not know

    StreamRequest(Multiplex connection, StreamWire stream) {
        super(connection.connections, connection.limits, connection.reception(), connection.caller());
        this.connection = connection;
        this.stream = stream;
    }

    // --- its life

    @Override
    void late(long now) {
        switch (phase) {
            case HEAD -> stream.misused(); // it was begun, and is never said
            case BODY -> bodyIsLate();
            case READY, HANDLING, ANSWERED -> due(now);
        }
    }

    @Override
    void drain(long leaveMillis, long backMillis) {
        drainWaiting(leaveMillis, backMillis);
    }

    @Override
    @Nullable
    Departure departure() {
        return connection.departure();
    }

    @Override
    public void roomAgain() {}

    @Override
    public void ended() {
        if (phase == Phase.READY) connection.turns().leave(this);
        orphaned = phase == Phase.HANDLING && !isWaiting();
        if (orphaned) connection.orphaned();
        else decided();
        phase = Phase.ANSWERED;
        left();
    }

    // --- what arrives

    /**
     * Its head has arrived.
     *
     * @param whole whether no content follows
     */
    void begin(RequestHead.Accepted accepted, boolean whole) {
        HttpRequest head = accepted.head();
        asked(head);
        phase = Phase.BODY;
        if (whole) return; // its end is told
        if (Handshake.isConnected(head.headers())) {
            ready(); // what comes behind it is no body
            return;
        }
        stream.expect(accepted.contentLength());
        Response unwelcome = unwelcome(head, accepted.contentLength());
        if (unwelcome != null) refuse(unwelcome);
        else if (HttpUtil.is100ContinueExpected(head)) stream.goOn();
    }

    /** Whether its head has arrived, or it was refused for that. */
    boolean hasBegun() {
        return phase != Phase.HEAD;
    }

    @Override
    public void received(ByteBuf content) {
        switch (phase) {
            case BODY -> takeBody(content);
            case READY, HANDLING -> {
                if (request() != null) stream.misused(); // it speaks before its handshake is answered
            }
            case HEAD, ANSWERED -> {} // nobody wants it
        }
    }

    @Override
    public void receivedAll() {}

    @Override
    public void inputEnded() {
        switch (phase) {
            case BODY -> ready();
            case READY, HANDLING -> {
                if (request() != null) close(); // nothing will be said behind its handshake
            }
            case HEAD, ANSWERED -> {}
        }
    }

    /** The connection brings nothing more: who waits for news, or has not said all, is taken for gone. */
    void inputLost() {
        if (phase == Phase.BODY || isWaiting()) close();
    }

    private void ready() {
        phase = Phase.READY;
        deadlineMillis = NEVER;
        connection.turns().await(this);
    }

    /** Whether the answer may be large; of these, few are made at a time. */
    boolean isRead() {
        HttpRequest head = request();
        return head != null && head.method().equals(HttpMethod.GET);
    }

    /** Its turn has come. */
    void handle() {
        HttpRequest head = request();
        if (head == null || phase != Phase.READY) return;
        phase = Phase.HANDLING;
        counted = isRead();
        handle(head);
    }

    // Another one may have its turn.
    @Override
    void decided() {
        if (!counted) return;
        counted = false;
        connection.turns().handled();
    }

    // Of its body, nothing more is wanted.
    @Override
    void refuse(Response response) {
        phase = Phase.HANDLING;
        send(response);
    }

    // --- answers

    @Override
    public boolean sendsFiles() {
        return false; // frames stand between their bytes
    }

    @Override
    boolean isHandling() {
        return phase == Phase.HANDLING;
    }

    // Perhaps nobody is there to be answered, and the handler is done with it only now.
    @Override
    boolean mayAnswer() {
        if (orphaned) {
            orphaned = false;
            connection.adopted();
            decided();
        }
        return isHandling();
    }

    // What carries it knows, and says so.
    @Override
    boolean hasLeft() {
        return false;
    }

    @Override
    boolean spokeAhead() {
        return false; // who does so has no stream any more
    }

    @Override
    public void send(Response response) {
        if (!mayAnswer()) {
            response.release();
            return;
        }
        phase = Phase.ANSWERED;
        deadlineMillis = NEVER;
        long length = response.length();
        if (!connection.turns().takes(length)) {
            response.release();
            release();
            decided();
            stream.drop();
            return;
        }
        if (response.isClosing()) connection.wasted();
        boolean empty = answer(response) || length == 0;
        stream.head(response.status(), response.headers(), empty);
        if (empty) {
            response.release();
            stream.finish();
        } else {
            stream.writeLast(response.body());
        }
        decided();
    }

    @Override
    Framing beginStream(HttpRequest head, Response response) {
        phase = Phase.ANSWERED;
        stream.head(response.status(), response.headers(), false);
        return Framing.BARE;
    }

    @Override
    int agree(Handshake handshake, @Nullable String subprotocol) {
        phase = Phase.ANSWERED;
        Response agreement = Response.of(HttpResponseStatus.OK.code());
        handshake.agree(subprotocol, connections.date(), agreement.headers());
        stream.head(agreement.status(), agreement.headers(), false);
        return agreement.status();
    }

    @Override
    void giveWay(LastingPeer next, Runnable begin) {
        next.begin(stream);
        next.succeed(this);
        stream.carry(next);
        begin.run();
    }
}
