package io.switchboard.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;

/**
 * Has the codec of QUIC send again what was lost, where it forgets to. If the time of a packet is up at the moment at which
 * the codec ends sending others, it notes the loss, does not send, and keeps no timer where nothing else is under way
 * (Netty 4.2.18: {@code TimeoutHandler} runs within {@code connectionSend}, which then does nothing). Whatever happens next
 * on that connection sends it; where nothing happens, this does: the codec looks at its connections when a socket is said to
 * be writable again. So it is told that, twice a second while packets come, and a few times after. Belongs to its loop.
 */
final class Http3Reminder extends ChannelInboundHandlerAdapter {
    static final long EVERY_MILLIS = 500;
    /** After the last packet: a loss is found within some 9/8 of a round trip after an acknowledgement (RFC 9002, section 6.1). */
    static final int TIMES = 6;

    private int left;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object packet) {
        if (left == 0) later(ctx);
        left = TIMES;
        ctx.fireChannelRead(packet);
    }

    private void later(ChannelHandlerContext ctx) {
        var _ = ctx.executor().schedule(() -> remind(ctx), EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void remind(ChannelHandlerContext ctx) {
        if (ctx.isRemoved()) return;
        left--;
        ctx.fireChannelWritabilityChanged();
        if (left > 0) later(ctx);
    }
}
