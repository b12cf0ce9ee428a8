package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.Socket;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A connection carried by a channel of Netty and the handlers in its pipeline. Belongs to its loop. */
final class PipelineWire implements Wire {
    private final ChannelHandlerContext context;
    private final @Nullable Socket straight; // null where something stands between here and the socket
    private boolean clear; // nothing waits with Netty, and nobody had the means to change that since

    PipelineWire(ChannelHandlerContext context) {
        this.context = context;
        boolean bare = context.pipeline().get(SslHandler.class) == null;
        straight = bare ? descriptor() : null;
    }

    ChannelHandlerContext context() {
        clear = false;
        return context;
    }

    /** The socket, if nothing stands between it and what is written here. */
    @Nullable
    Socket bare() {
        return straight;
    }

    @Override
    public void write(ByteBuf bytes) {
        context().write(bytes, context.voidPromise());
    }

    @Override
    public void write(ByteBuf bytes, Runnable gone) {
        context().write(bytes).addListener(taken -> gone.run());
    }

    @Override
    public void flush() {
        context().flush();
    }

    @Override
    public boolean share(ByteBuf shared) {
        Socket socket = straight;
        // A closed one is another's: its number is given to the next connection.
        if (socket == null || !socket.isOpen() || !(clear || pending() == 0) || !shared.hasMemoryAddress())
            return false;
        int begin = shared.readerIndex();
        int end = shared.writerIndex();
        int taken;
        try {
            taken = socket.sendAddress(shared.memoryAddress(), begin, end);
        } catch (IOException e) {
            taken = 0; // Netty meets it too, and knows what to do
        }
        clear = begin + taken == end;
        if (taken == 0) return false;
        if (!clear) {
            ByteBuf rest = shared.retainedSlice(begin + taken, end - begin - taken);
            context().writeAndFlush(rest, context.voidPromise());
        }
        return true;
    }

    @Override
    public long pending() {
        var buffer = context.channel().unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }

    @Override
    public long untaken() {
        var buffer = context.channel().unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes() - buffer.currentProgress();
    }

    @Override
    public boolean hasRoom() {
        return clear || context.channel().isWritable();
    }

    @Override
    public void read(boolean wanted) {
        var config = context.channel().config();
        if (config.isAutoRead() != wanted) config.setAutoRead(wanted);
    }

    @Override
    public void close() {
        context().close();
    }

    @Override
    public void abandon() {
        context().pipeline().firstContext().close();
    }

    @Override
    public void finish() {
        context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void endOutput() {
        if (!(context().channel() instanceof DuplexChannel duplex)) return;
        SslHandler tls = context.pipeline().get(SslHandler.class);
        if (tls == null) duplex.shutdownOutput();
        else tls.closeOutbound().addListener(told -> duplex.shutdownOutput());
    }

    @Override
    public void whenClosed(Runnable told) {
        context.channel().closeFuture().addListener(closed -> told.run());
    }

    @Override
    public @Nullable Socket descriptor() {
        return context.channel() instanceof EpollSocketChannel channel ? (Socket) channel.fd() : null;
    }
}
