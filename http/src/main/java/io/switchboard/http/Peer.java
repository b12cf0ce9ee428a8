package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.Socket;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyProtocolException;
import io.switchboard.core.access.Access;
import io.switchboard.core.access.Grants;
import io.switchboard.core.access.Revocations.Revocation;
import java.io.IOException;
import java.net.InetAddress;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One open connection, whatever is spoken on it: how its loop's look ({@link Connections}) sees it, and what
 * can be told of the other end without asking it. Belongs to its loop.
 */
abstract class Peer extends ChannelInboundHandlerAdapter {
    static final long NEVER = Long.MAX_VALUE;
    /** Whom nothing is for any more. */
    private static final Access REVOKED = new Access(null, Grants.NOTHING, null, Access.UNKNOWN, Access.UNKNOWN);
    /**
     * A peer that owes acknowledgements and has sent none for so long is taken for dead: ten seconds, less what the
     * looks take.
     */
    private static final long SILENT_MAX_MILLIS = 10_000 - 4 * Connections.LOOK_EVERY_MILLIS;

    private static final Logger LOG = LoggerFactory.getLogger(Peer.class);

    final Connections connections;
    final HttpLimits limits;
    int index; // in `connections`, kept by it
    long number; // tells it from all others, grows with time; given by `connections`
    boolean unflushed; // kept by `connections`
    private @Nullable Wire wire; // null until it is in a pipeline
    private Access access = Access.OPEN; // whom what goes on here is for
    private long sinceMillis;
    private long sentBytes;
    private long takenBytes; // to compare with itself only: it lacks what was not told to `sent`
    private long pendingSinceMillis;
    private long owesSinceMillis = NEVER; // of the first bytes whose acknowledgement was not looked for yet

    Peer(Connections connections, HttpLimits limits) {
        this.connections = connections;
        this.limits = limits;
    }

    final Wire wire() {
        if (wire == null) throw new IllegalStateException("not in a pipeline");
        return wire;
    }

    /** From now on another carries it. */
    final void carry(Wire other) {
        wire = other;
    }

    /** Stands in the place of another, on the same connection and for the same somebody. */
    final void succeed(Peer before) {
        access = before.access;
        sinceMillis = before.sinceMillis;
    }

    final ChannelHandlerContext context() {
        if (!(wire instanceof PipelineWire pipeline)) throw new IllegalStateException("not in a pipeline");
        return pipeline.context();
    }

    final long nowMillis() {
        return connections.nowMillis();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        begin(new PipelineWire(ctx));
    }

    /** Is carried from now on, and looked at. */
    final void begin(Wire carrier) {
        wire = carrier;
        sinceMillis = nowMillis();
        pendingSinceMillis = sinceMillis;
        connections.add(this);
    }

    public final Access access() {
        return access;
    }

    public void admit(Access admitted) {
        access = admitted;
    }

    /** What it is used for; null while nothing lasts. */
    abstract @Nullable Occupation occupation();

    final Sessions.@Nullable Session session() {
        Occupation occupation = occupation();
        if (occupation == null) return null;
        return new Sessions.Session(
                number, access, address(), wire().httpVersion(), occupation, sinceMillis, pending());
    }

    /** Whoever is at the other end, as far as that is known. */
    abstract InetAddress client();

    final String address() {
        return client().getHostAddress();
    }

    final long sentBytes() {
        return sentBytes;
    }

    /** Ends what lasts here, if it is for somebody who may have it no longer: the next look does. */
    void revoke(Revocation revocation) {
        if (revocation.concerns(access)) admit(REVOKED);
    }

    /** Called a few times a second. */
    abstract void look(long now);

    /**
     * The server goes down.
     *
     * @param leaveMillis when what lasts here should end
     * @param backMillis when the client should come back, as long from now; not before
     */
    abstract void drain(long leaveMillis, long backMillis);

    final void close() {
        wire().close();
    }

    /** Ends the connection without the last word of TLS, which a peer that takes nothing would not take either. */
    final void abandon() {
        wire().abandon();
    }

    /** Nothing more is sent; what was sent before goes out first. The peer may go on. */
    final void endOutput() {
        wire().endOutput();
    }

    /** Whether something failed because the peer left or broke the rules of TLS or of a proxy: no news for a log. */
    static boolean isOfThePeer(Throwable cause) {
        return cause instanceof IOException
                || (cause instanceof DecoderException
                        && (cause instanceof HAProxyProtocolException || cause.getCause() instanceof SSLException));
    }

    static void log(Throwable ours) {
        LOG.error("A connection failed and was closed", ours);
    }

    /** Bytes that were sent here and not yet taken by the peer's end of the connection. */
    final long pending() {
        return wire().pending();
    }

    /** Whether a write would not pile up. */
    final boolean hasRoom() {
        return wire().hasRoom();
    }

    /**
     * Sends what many readers are sent, see {@link Wire#share}.
     *
     * @return whether all of it is on its way; otherwise nothing was done
     */
    final boolean sendStraight(ByteBuf shared) {
        if (!wire().share(shared)) return false;
        sent(shared.readableBytes());
        return true;
    }

    /** So many bytes go out now. */
    final void sent(long bytes) {
        connections.traffic().bytesSent.add(bytes);
        passed(bytes);
    }

    /** So many bytes go out now, which were counted by whom they are from. */
    final void passed(long bytes) {
        sentBytes += bytes;
        if (owesSinceMillis == NEVER) owesSinceMillis = nowMillis();
    }

    /**
     * Whether nothing of what is {@link #pending} was taken for too long. To be asked at every look.
     *
     * <p>What waits is no measure: Netty counts a piece until all of it is taken, and the next one may be as large.
     */
    final boolean hasStalled(long now, long pending) {
        long taken = sentBytes - wire().untaken();
        // Less than before only means that encryption adds to what waits.
        if (pending == 0 || taken > takenBytes) pendingSinceMillis = now;
        takenBytes = taken;
        return now - pendingSinceMillis >= limits.stalledMaxMillis();
    }

    /** Whether the operating system knows what the peer acknowledges. */
    final boolean hasSigns() {
        return wire().descriptor() != null;
    }

    /**
     * Whether the peer owes acknowledgements and is silent, by TCP's own bookkeeping: one that is merely slow
     * acknowledges, one that vanished does not. To be asked at every look; it costs nothing while nothing is sent.
     */
    final boolean isSilent(long now) {
        if (owesSinceMillis == NEVER || now - owesSinceMillis < SILENT_MAX_MILLIS) return false;
        TcpSigns signs = connections.signs();
        Socket socket = wire().descriptor();
        if (socket == null || !signs.ask(socket)) return false;
        if (signs.unacked() == 0) {
            owesSinceMillis = NEVER;
            return false;
        }
        if (now - signs.lastAckMillisAgo() <= owesSinceMillis) return true;
        owesSinceMillis = now; // what it owed then was paid; since when it owes what it does now is not known
        return false;
    }
}
