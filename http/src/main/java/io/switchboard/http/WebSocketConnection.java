package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.switchboard.core.access.Access;
import io.switchboard.core.access.Revocations.Revocation;
import io.switchboard.core.time.Loop;
import io.switchboard.http.websocket.CloseCode;
import io.switchboard.http.websocket.Frames;
import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One WebSocket after its handshake (RFC 6455): messages from frames, control frames, the closing handshake,
 * heartbeats. It keeps no queue: a peer that does not take what it is sent is not read either, so that its
 * questions wait in its own buffers.
 *
 * <p>Whether the peer lives is judged from what it sends; when it sends nothing it is pinged. While it does not
 * take what it is sent, no ping is sent and no answer is missed; a ping may also wait behind much that the
 * peer has yet to read, so a peer whose system acknowledges what it gets is given as long as one that has
 * stalled. Belongs to its loop.
 */
final class WebSocketConnection extends LastingPeer implements Socket {
    private static final long PONG_WAIT_MILLIS = 10_000;
    private static final long CLOSING_MILLIS = 2_000;
    /** Looks come every so often, and a ping must not be late for that. */
    private static final long LOOK_SLACK_MILLIS = 2 * Connections.LOOK_EVERY_MILLIS;

    /** Messages in their owner's hands beyond which the socket is not read. */
    private static final int OWED_MESSAGES_MAX = 64;

    private static final int OWED_BYTES_MAX = 256 * 1024;
    /** What stands for a close frame without a code (RFC 6455, section 7.1.5). */
    private static final int CODE_MISSING = 1005;

    private static final long NOT_WAITING = -1;
    private static final Logger LOG = LoggerFactory.getLogger(WebSocketConnection.class);

    private enum Phase {
        OPEN,
        /** A close frame was sent; one is awaited. */
        CLOSING,
        ENDED
    }

    private final byte deflateWindowBits;
    private final AtomicLong bytesInFlight; // of all connections
    private final InetAddress client;
    private final SocketOwner owner;

    private Phase phase = Phase.OPEN;
    private boolean reading; // within a read, whose end flushes
    private boolean held; // by the owner: what arrives waits
    private @Nullable MessageLimit limit; // of the owner; null for the server's own
    private boolean expiringTold; // of the access
    private @Nullable FrameReader arriving; // null while nothing is
    private int reserved; // of bytesInFlight, for what is arriving
    private @Nullable ByteBuf ahead; // at most one read more than may be owed
    private boolean taking; // what arrived
    private int owedMessages;
    private int owedBytes;
    private byte @Nullable [] pongOwed; // the newest ping that found no room for its answer
    private long heardMillis;
    private long pingedMillis = NOT_WAITING;
    private long closeAtMillis = NEVER;

    WebSocketConnection(
            Connections connections,
            HttpLimits limits,
            AtomicLong bytesInFlight,
            int deflateWindowBits,
            InetAddress client,
            SocketOwner owner) {
        super(connections, limits);
        this.client = client;
        this.bytesInFlight = bytesInFlight;
        this.deflateWindowBits = (byte) deflateWindowBits;
        this.owner = owner;
        heardMillis = nowMillis();
    }

    // --- the connection's life

    @Override
    void look(long now) {
        boolean stalled = hasStalled(now, pending());
        if (now >= closeAtMillis) {
            if (phase == Phase.OPEN) restart();
            else wire().leave();
        } else if (stalled || isSilent(now)) {
            abandon();
        } else if (phase == Phase.OPEN) {
            if (access().isExpired(now)) owner.expire();
            else tellExpiring(now);
            heartbeat(now);
        }
    }

    private void tellExpiring(long now) {
        long millis = access().expiresAtMillis() - now;
        if (expiringTold || millis > EXPIRING_MILLIS) return;
        expiringTold = true;
        owner.expiring(millis);
    }

    @Override
    public void admit(Access admitted) {
        super.admit(admitted);
        expiringTold = false;
    }

    @Override
    void revoke(Revocation revocation) {
        if (revocation.concerns(access())) close(CloseCode.REVOKED, "The token of this connection was revoked.");
    }

    @Override
    InetAddress client() {
        return client;
    }

    @Override
    @Nullable
    Occupation occupation() {
        return phase == Phase.OPEN ? owner.occupation() : null;
    }

    private void heartbeat(long now) {
        if (!isWritable()) {
            heardMillis = now; // what it has to say comes after what it has to read
            pingedMillis = NOT_WAITING;
        } else if (pingedMillis == NOT_WAITING) {
            if (now - heardMillis < limits.heartbeatMillis() - LOOK_SLACK_MILLIS) return;
            pingedMillis = now;
            write(Frames.ping(ByteBufAllocator.DEFAULT));
        } else if (now - pingedMillis >= PONG_WAIT_MILLIS - LOOK_SLACK_MILLIS) {
            if (!hasSigns() || now - pingedMillis >= limits.stalledMaxMillis()) close();
        }
    }

    private void heard() {
        heardMillis = nowMillis();
        pingedMillis = NOT_WAITING;
    }

    @Override
    void drain(long leaveMillis, long backMillis) {
        if (phase != Phase.OPEN) return;
        closeAtMillis = nowMillis() + leaveMillis;
        owner.drain(backMillis);
        if (leaveMillis == 0) restart();
    }

    private void restart() {
        close(CloseCode.SERVICE_RESTART, "The server restarts; come back.");
    }

    @Override
    void closed() {
        connections.remove(this);
        end();
        if (ahead != null) ahead.release();
        ahead = null;
        arriving = null;
        reserve(0);
        bytesInFlight.addAndGet(-owedBytes);
        owedBytes = 0;
    }

    private void end() {
        boolean open = phase == Phase.OPEN;
        phase = Phase.ENDED;
        if (!open) return;
        connections.traffic().closed(Traffic.NO_CODE);
        owner.gone();
    }

    @Override
    void failed(Throwable cause) {
        if (isOfThePeer(cause)) {
            close();
            return;
        }
        LOG.error("A WebSocket failed and was closed", cause);
        close(CloseCode.INTERNAL_ERROR, "The server made a mistake; it is in its log.");
    }

    // --- what arrives

    @Override
    public void received(ByteBuf bytes) {
        reading = true;
        if (ahead == null) take(bytes);
        if (bytes.isReadable()) keep(bytes);
    }

    // In a buffer of its own, which is no larger than need be.
    private void keep(ByteBuf bytes) {
        if (ahead == null) ahead = ByteBufAllocator.DEFAULT.buffer(bytes.readableBytes());
        ahead.writeBytes(bytes);
    }

    private void take(ByteBuf bytes) {
        FrameReader reader =
                arriving == null ? new FrameReader(limits.bodyBytesMax(), deflateWindowBits > 0) : arriving;
        arriving = reader;
        taking = true;
        try {
            while (bytes.isReadable() && !(phase == Phase.OPEN && mustWait())) {
                if (phase == Phase.ENDED) bytes.skipBytes(bytes.readableBytes());
                else took(reader.take(bytes, limit(), phase == Phase.OPEN));
            }
        } finally {
            taking = false;
            if (reader.isEmpty()) arriving = null;
        }
    }

    private void took(FrameReader.Step step) {
        switch (step) {
            case FrameReader.Step.More() -> {}
            case FrameReader.Step.Message(Assembly.Whole(boolean text, byte[] bytes)) -> deliver(text, bytes);
            case FrameReader.Step.Ping(byte[] payload) -> {
                if (phase == Phase.OPEN) pong(payload);
            }
            case FrameReader.Step.Close(int code) -> closed(code);
            case FrameReader.Step.Refused(Assembly.Refusal(CloseCode code, String reason)) -> fail(code, reason);
            case FrameReader.Step.TooBig() -> tooBig();
            case FrameReader.Step.Broken() ->
                fail(CloseCode.PROTOCOL_ERROR, "What was sent is no WebSocket frame, or not the next one.");
        }
    }

    private MessageLimit limit() {
        return limit == null ? connections.messageLimit() : limit;
    }

    private void deliver(boolean text, byte[] bytes) {
        if (bytesInFlight.addAndGet(bytes.length) > limits.bodyBytesInFlightMax()) {
            bytesInFlight.addAndGet(-bytes.length);
            overloaded();
            return;
        }
        owedMessages++;
        owedBytes += bytes.length;
        try {
            owner.message(text, bytes);
        } catch (RuntimeException e) {
            LOG.error("A message of a WebSocket failed", e);
            close(CloseCode.INTERNAL_ERROR, "The server made a mistake; it is in its log.");
        }
        proceed();
    }

    @Override
    public void limit(@Nullable MessageLimit lower) {
        limit = lower;
    }

    @Override
    public void hold(boolean hold) {
        held = hold;
        proceed();
    }

    @Override
    public void consumed(int bytes) {
        if (phase == Phase.ENDED && owedBytes == 0) return; // given back with the connection
        owedMessages--;
        owedBytes -= bytes;
        bytesInFlight.addAndGet(-bytes);
        proceed();
    }

    // What was asked before has to be answered, and the answers taken, before more is.
    private boolean mustWait() {
        return held || owedMessages >= OWED_MESSAGES_MAX || owedBytes >= OWED_BYTES_MAX || !isWritable();
    }

    // Takes what came ahead, and reads on when there is nothing of it. What is answered meanwhile comes back here.
    private void proceed() {
        if (taking) return;
        ByteBuf waited = ahead;
        if (waited != null) {
            take(waited);
            if (!waited.isReadable()) {
                waited.release();
                ahead = null;
            }
            if (heldBytes() < reserved) reserve(heldBytes());
        }
        boolean may = phase != Phase.OPEN || (ahead == null && !mustWait());
        wire().read(may);
    }

    private void pong(byte[] payload) {
        if (isWritable()) {
            write(Frames.pong(payload, ByteBufAllocator.DEFAULT));
        } else {
            pongOwed = payload; // only the newest ping needs an answer (RFC 6455, section 5.5.3)
            proceed();
        }
    }

    @Override
    public void receivedAll() {
        reading = false;
        heard();
        wire().flush();
        proceed();
        if (phase != Phase.OPEN) return;
        if (!reserve(heldBytes())) overloaded();
    }

    private int heldBytes() {
        return (arriving == null ? 0 : arriving.held()) + (ahead == null ? 0 : ahead.readableBytes());
    }

    // What is arriving counts against the same limit as the bodies of requests.
    private boolean reserve(int bytes) {
        int more = bytes - reserved;
        if (more == 0) return true;
        reserved = bytes;
        return bytesInFlight.addAndGet(more) <= limits.bodyBytesInFlightMax() || more <= 0;
    }

    private void overloaded() {
        fail(CloseCode.TRY_AGAIN_LATER, "The server holds as many unfinished messages as it may; come back.");
    }

    private void tooBig() {
        fail(limit().code(), limit().reason());
    }

    @Override
    public void inputEnded() {
        close(); // without a word: the peer has left
    }

    // --- what is sent

    @Override
    public Loop loop() {
        return connections.loop();
    }

    @Override
    public boolean isWritable() {
        return hasRoom();
    }

    @Override
    public int deflateWindowBits() {
        return deflateWindowBits;
    }

    @Override
    public void write(ByteBuf frames) {
        if (phase != Phase.OPEN) {
            frames.release();
            return;
        }
        sent(frames.readableBytes());
        wire().write(frames);
        if (!reading) connections.flushLater(this);
    }

    @Override
    public void share(ByteBuf frames) {
        if (phase != Phase.OPEN || sendStraight(frames)) return;
        write(frames.retainedDuplicate());
    }

    @Override
    public void answer(ByteBuf frames, int bytes) {
        if (phase != Phase.OPEN) {
            frames.release();
            consumed(bytes);
            return;
        }
        sent(frames.readableBytes());
        wire().write(frames, () -> consumed(bytes));
        if (!reading) connections.flushLater(this);
    }

    @Override
    public void roomAgain() {
        if (phase != Phase.OPEN || !isWritable()) return;
        byte[] owed = pongOwed;
        pongOwed = null;
        if (owed != null) write(Frames.pong(owed, ByteBufAllocator.DEFAULT));
        proceed();
        owner.writable();
    }

    // --- the end

    @Override
    public void close(CloseCode code, String reason) {
        if (code.endsAccess() && !isWritable()) {
            close(); // a word would wait behind what is not for the peer any more
            return;
        }
        sendClose(code.code(), Frames.close(code.code(), reason, ByteBufAllocator.DEFAULT), false);
    }

    /** The peer broke the rules, so that what it sends from now on means nothing. */
    private void fail(CloseCode code, String reason) {
        sendClose(code.code(), Frames.close(code.code(), reason, ByteBufAllocator.DEFAULT), true);
    }

    // The last word goes out before the connection is reset under what the peer is still sending.
    private void sendClose(int code, ByteBuf frame, boolean last) {
        if (phase != Phase.OPEN) {
            frame.release();
            return;
        }
        phase = Phase.CLOSING;
        connections.traffic().closed(code);
        closeAtMillis = NEVER;
        if (arriving != null) arriving.release();
        // The peer may take its time over what was sent before; then it has a moment to answer.
        Wire wire = wire();
        wire.write(frame, () -> {
            closeAtMillis = nowMillis() + CLOSING_MILLIS;
            if (last) endOutput();
        });
        try {
            wire.flush();
            proceed();
        } finally {
            owner.gone(); // whatever failed: the end of the connection does not tell it again
        }
    }

    private void closed(int code) {
        if (phase == Phase.OPEN) {
            boolean told = code != FrameReader.NO_CODE;
            sendClose(
                    told ? code : CODE_MISSING,
                    told
                            ? Frames.close(code, "", ByteBufAllocator.DEFAULT)
                            : Frames.closeWithoutCode(ByteBufAllocator.DEFAULT),
                    false);
        }
        phase = Phase.ENDED;
        // The server is the one to end the connection (RFC 6455, section 7.1.1), after what waits before it.
        wire().finish();
    }
}
