package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.unix.Socket;
import io.netty.util.ReferenceCountUtil;

/**
 * A connection that serves one thing from now on, until its end. It begins in the pipeline that its request came
 * through; where nothing but the socket is behind that, it goes on without ({@link EpollWire}). Whatever carries it tells
 * it the same. Belongs to its loop.
 */
abstract class LastingPeer extends Peer implements Carried {
    private boolean ended;

    LastingPeer(Connections connections, HttpLimits limits) {
        super(connections, limits);
    }

    /**
     * Is carried by the socket itself from now on, where nothing stands or waits between here and it.
     *
     * @param whenClosed what is told when a channel closes, which this one's will not
     */
    final void settle(Runnable whenClosed) {
        if (!(wire() instanceof PipelineWire pipeline)) return;
        Socket socket = pipeline.bare();
        if (socket == null || !socket.isOpen() || pipeline.pending() > 0) return;
        Wire own = EpollWire.takeOver(pipeline.context().channel(), socket, connections, this);
        own.whenClosed(whenClosed);
        carry(own);
    }

    abstract void failed(Throwable cause);

    /** The connection is no more. Called once. */
    abstract void closed();

    // While it changes hands two may say so.
    @Override
    public final void ended() {
        if (ended) return;
        ended = true;
        closed();
    }

    // --- the same, from a channel

    @Override
    public final void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (message instanceof ByteBuf bytes) received(bytes);
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public final void channelReadComplete(ChannelHandlerContext ctx) {
        receivedAll();
    }

    @Override
    public final void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) inputEnded();
        else ctx.fireUserEventTriggered(event);
    }

    @Override
    public final void channelWritabilityChanged(ChannelHandlerContext ctx) {
        roomAgain();
    }

    @Override
    @SuppressWarnings("deprecation") // overridden to keep Netty from logging the peer's mistakes
    public final void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        failed(cause);
    }

    @Override
    public final void channelInactive(ChannelHandlerContext ctx) {
        ended();
    }
}
