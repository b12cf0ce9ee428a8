package io.switchboard.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.epoll.EpollSocketChannel;
import org.jspecify.annotations.Nullable;

/** Counts the bytes of one connection as TCP carries them: outside TLS. Its lane's thread. */
final class Wire extends ChannelDuplexHandler {
    private final Lane lane;
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
        if (message instanceof ByteBuf bytes) lane.wireIn += bytes.readableBytes();
        context.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof ByteBuf bytes) lane.wireOut += bytes.readableBytes();
        context.write(message, promise);
    }

    /** What the kernel counted of it so far; nothing where it does not tell, or the connection is over. */
    Segments segments() {
        EpollSocketChannel open = socket;
        return open == null || !open.isOpen()
                ? Segments.NONE
                : Segments.of(open.fd().intValue());
    }
}
