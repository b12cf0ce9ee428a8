package io.switchboard.bench;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;

/** Counts what goes over the wire of a connection of HTTP/3: what UDP carries, as QUIC has its TLS within. Its lane's thread. */
final class DatagramCount extends ChannelDuplexHandler {
    private final Lane lane;

    DatagramCount(Lane lane) {
        this.lane = lane;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof DatagramPacket packet)
            lane.bytesIn += packet.content().readableBytes();
        context.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof DatagramPacket packet)
            lane.bytesOut += packet.content().readableBytes();
        context.write(message, promise);
    }
}
