package io.switchboard.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;
import org.jspecify.annotations.Nullable;

/**
 * One open connection, whatever is spoken on it: how its loop's look ({@link Connections}) sees it, and what
 * can be told of the other end without asking it. Belongs to its loop.
 */
abstract class Peer extends ChannelInboundHandlerAdapter {
    static final long NEVER = Long.MAX_VALUE;
    /** A peer that owes acknowledgements and has sent none for so long is taken for dead. */
    static final long SILENT_MAX_MILLIS = 10_000;

    final Connections connections;
    final HttpLimits limits;
    int index; // in `connections`, kept by it
    boolean unflushed; // kept by `connections`
    private @Nullable ChannelHandlerContext context;
    private long sentBytes;
    private long takenBytes; // to compare with itself only: it lacks what was not told to `sent`
    private long pendingSinceMillis;
    private long owesSinceMillis = NEVER; // without an acknowledgement after it

    Peer(Connections connections, HttpLimits limits) {
        this.connections = connections;
        this.limits = limits;
    }

    final ChannelHandlerContext context() {
        if (context == null) throw new IllegalStateException("not in a pipeline");
        return context;
    }

    final long nowMillis() {
        return connections.nowMillis();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        pendingSinceMillis = nowMillis();
        connections.add(this);
    }

    /** Called a few times a second. */
    abstract void look(long now);

    /**
     * The server goes down.
     *
     * @param afterMillis when the client should come back
     */
    abstract void drain(long afterMillis);

    final void close() {
        context().close();
    }

    /** Bytes that were sent here and not yet taken by the peer's end of the connection. */
    final long pending() {
        var buffer = context().channel().unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }

    /** So many bytes go out now. */
    final void sent(int bytes) {
        sentBytes += bytes;
    }

    /**
     * Whether nothing of what is {@link #pending} was taken for too long. To be asked at every look.
     *
     * <p>What waits is no measure: Netty counts a piece until all of it is taken, and the next one may be as large.
     */
    final boolean hasStalled(long now, long pending) {
        var buffer = context().channel().unsafe().outboundBuffer();
        long taken = sentBytes - pending + (buffer == null ? 0 : buffer.currentProgress());
        if (pending == 0 || taken != takenBytes) {
            takenBytes = taken;
            pendingSinceMillis = now;
        }
        return now - pendingSinceMillis >= limits.stalledMaxMillis();
    }

    /** What the operating system knows of the peer. */
    enum Sign {
        /** It cannot tell. */
        NONE,
        /** It acknowledges what it gets, or owes nothing. */
        ALIVE,
        /** It owes acknowledgements, and has been silent for {@value #SILENT_MAX_MILLIS} ms. */
        SILENT
    }

    /** Looks at TCP's own bookkeeping: a peer that is merely slow acknowledges, one that vanished does not. */
    final Sign sign(long now) {
        if (!(context().channel() instanceof EpollSocketChannel socket)) return Sign.NONE;
        EpollTcpInfo info = socket.tcpInfo();
        long lastAckMillis = now - info.lastAckRecv();
        if (info.unacked() == 0) owesSinceMillis = NEVER;
        else if (owesSinceMillis == NEVER || lastAckMillis > owesSinceMillis) owesSinceMillis = now;
        boolean silent = owesSinceMillis != NEVER && now - owesSinceMillis > SILENT_MAX_MILLIS;
        return silent ? Sign.SILENT : Sign.ALIVE;
    }
}
