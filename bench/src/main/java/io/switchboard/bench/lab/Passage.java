package io.switchboard.bench.lab;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * One connection through the relay: the client's, the one to the server, and the two ways between them. The relay's loop.
 *
 * <pre>client ─ front ═ up ═► back ─ server
 *              ◄═ down ═</pre>
 */
final class Passage {
    private final Door door;
    private final Channel front;
    private final Channel back;
    private final Way up;
    private final Way down;
    private @Nullable UpgradeStrip strip;

    /** @param back that is connected */
    Passage(Door door, Channel front, Channel back) {
        this.door = door;
        this.front = front;
        this.back = back;
        // Opening a connection takes the client a round trip that the relay, which is near, cannot hold back.
        long handshakeMillis = door.conditions().delayMillis();
        up = new Way(front, back, travel(), handshakeMillis, bytes -> {});
        down = new Way(back, front, travel(), 0, bytes -> door.tally().bytesDown += bytes);
        strip = door.strips() ? new UpgradeStrip() : null;
        front.pipeline().addLast(new End(true));
        back.pipeline().addLast(new End(false));
    }

    private Travel travel() {
        return new Travel(door::conditions, () -> ThreadLocalRandom.current().nextDouble());
    }

    private void fromClient(ByteBuf bytes) {
        door.tally().bytesUp += bytes.readableBytes();
        if (strip == null) {
            up.send(bytes);
            return;
        }
        ByteBuf passed = strip.pass(bytes);
        bytes.release();
        if (passed == null) return;
        strip = null;
        up.send(passed);
    }

    /** Ends it at once, as if the cable were cut: both ends are told by a reset, and what is under way is gone. */
    void cut() {
        up.discard();
        down.discard();
        reset(front);
        reset(back);
    }

    static void reset(Channel channel) {
        if (channel.isOpen()) channel.config().setOption(ChannelOption.SO_LINGER, 0);
        channel.close();
    }

    // Both ends tell the same: bytes, room for more, and that they are over.
    private final class End extends ChannelInboundHandlerAdapter {
        private final boolean atFront;

        End(boolean atFront) {
            this.atFront = atFront;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            if (atFront) fromClient(bytes);
            else down.send(bytes);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            if (context.channel().isWritable()) (atFront ? down : up).deliver();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            // Nobody is there any more to hear what was on its way to this end.
            (atFront ? down : up).discard();
            (atFront ? up : down).end();
            if (atFront) door.left(Passage.this);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
