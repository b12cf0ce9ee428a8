package io.switchboard.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import io.switchboard.http.http3.ConnectionIds;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * One of the sockets that share a UDP port, each on a loop of its own. The kernel gives all packets between two addresses
 * to one of them; those of a client that has moved may come to another, which hands them over. Belongs to its loop, but
 * for {@link #hand}.
 */
final class Http3Lanes extends ChannelInboundHandlerAdapter {
    /** Packets on their way to another loop; more are lost, as in a full buffer of the kernel. */
    private static final int HANDED_MAX = 1_024;

    private final AtomicReferenceArray<Http3Lanes> all; // of the port, by their lane
    private final int lane;
    private final AtomicInteger handed = new AtomicInteger();
    private volatile ChannelHandlerContext context; // set before any packet comes

    @SuppressWarnings("NullAway.Init") // by handlerAdded
    Http3Lanes(AtomicReferenceArray<Http3Lanes> all, int lane) {
        this.all = all;
        this.lane = lane;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        all.set(lane, this);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        all.set(lane, null);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        int named = message instanceof DatagramPacket packet
                ? ConnectionIds.laneOf(packet.content())
                : ConnectionIds.NO_LANE;
        Http3Lanes other = named == lane || named < 0 || named >= all.length() ? null : all.get(named);
        if (other == null) ctx.fireChannelRead(message);
        else other.hand(message);
    }

    // Any thread.
    private void hand(Object packet) {
        if (handed.incrementAndGet() > HANDED_MAX) {
            handed.decrementAndGet();
            ReferenceCountUtil.release(packet);
            return;
        }
        context.executor().execute(() -> {
            handed.decrementAndGet();
            context.fireChannelRead(packet);
            context.fireChannelReadComplete();
        });
    }
}
