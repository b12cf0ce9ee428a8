package io.switchboard.http.live;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.Run;
import io.switchboard.core.reading.Delivery;
import io.switchboard.core.reading.Form;
import io.switchboard.http.Socket;
import io.switchboard.http.socket.MessageFrames;
import io.switchboard.http.websocket.Frames;
import io.switchboard.http.wire.Envelope;

/**
 * Every message in its envelope, one frame each (spec/protocol.md, section 4.4): what all lines that read a channel
 * share.
 *
 * @param windowBits of compression, 8 to 15; 0 for none
 */
record Envelopes(int windowBits) implements Form<ByteBuf> {
    private static final int FRAME_HEAD_MAX = 10;
    private static final Envelopes PLAIN = new Envelopes(0);

    /** The form that {@code socket} can read. */
    static Envelopes of(Socket socket) {
        return socket.deflateWindowBits() == 0 ? PLAIN : new Envelopes(socket.deflateWindowBits());
    }

    @Override
    public ByteBuf encode(Delivery delivery) {
        Run run = delivery.run();
        int around = FRAME_HEAD_MAX + Envelope.bytesAround(delivery.channel());
        ByteBuf out = ByteBufAllocator.DEFAULT.ioBuffer(
                Math.toIntExact(Math.min(Integer.MAX_VALUE - 8, run.payloadBytes() + (long) around * run.count())));
        for (Run.Slice slice : run.slices()) {
            for (int i = slice.from(); i < slice.to(); i++) write(out, delivery, slice.block(), i);
        }
        return out;
    }

    /** The newest message alone, and how many were left out before it. */
    ByteBuf newest(Delivery delivery, long skipped) {
        Block block = delivery.run().slices().getLast().block();
        int index = delivery.run().slices().getLast().to() - 1;
        byte[] envelope = Envelope.of(delivery.channel(), delivery.type(), block, index, skipped);
        return MessageFrames.message(Frames.TEXT, envelope, 0, envelope.length, windowBits);
    }

    private void write(ByteBuf out, Delivery delivery, Block block, int index) {
        byte[] envelope = Envelope.of(delivery.channel(), delivery.type(), block, index);
        MessageFrames.message(out, Frames.TEXT, envelope, 0, envelope.length, windowBits);
    }

    @Override
    public void release(ByteBuf encoded) {
        encoded.release();
    }
}
