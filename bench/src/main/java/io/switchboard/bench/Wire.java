package io.switchboard.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DatagramPacket;
import org.jspecify.annotations.Nullable;

/** Counts the bytes of one connection as TCP or UDP carries them: outside TLS. Its lane's thread. */
final class Wire extends ChannelDuplexHandler {
    private static final int DATAGRAM_HEAD_BYTES = 28; // 20 of IPv4, 8 of UDP

    private final Lane lane;
    private long in;
    private long out;
    private long datagrams; // of a connection of QUIC, both ways
    private @Nullable EpollSocketChannel socket;

    Wire(Lane lane) {
        this.lane = lane;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        if (context.channel() instanceof EpollSocketChannel epoll) socket = epoll;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        int length = length(message);
        in += length;
        lane.wireIn += length;
        context.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        int length = length(message);
        out += length;
        lane.wireOut += length;
        context.write(message, promise);
    }

    private int length(Object message) {
        if (message instanceof ByteBuf bytes) return bytes.readableBytes();
        if (!(message instanceof DatagramPacket packet)) return 0;
        datagrams++;
        return packet.content().readableBytes();
    }

    /** Bytes it got so far. */
    long in() {
        return in;
    }

    /** Bytes it sent so far. */
    long out() {
        return out;
    }

    /** What the kernel counted of it so far; nothing where it does not tell, or the connection is over. */
    Segments segments() {
        if (datagrams > 0) return new Segments(datagrams, datagrams * DATAGRAM_HEAD_BYTES);
        EpollSocketChannel open = socket;
        return open == null || !open.isOpen()
                ? Segments.NONE
                : Segments.of(open.fd().intValue());
    }
}
