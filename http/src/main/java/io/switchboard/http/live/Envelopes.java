package io.switchboard.http.live;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Run;
import io.switchboard.core.reading.Delivery;
import io.switchboard.core.reading.Form;
import io.switchboard.http.Socket;
import io.switchboard.http.socket.MessageFrames;
import io.switchboard.http.websocket.Frames;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * Every message in its envelope, one frame each (spec/protocol.md, section 5): what all lines that read a channel
 * share.
 *
 * @param windowBits of compression, 8 to 15; 0 for none
 */
record Envelopes(int windowBits) implements Form<ByteBuf> {
    private static final Envelopes PLAIN = new Envelopes(0);

    /** The form that {@code socket} can read. */
    static Envelopes of(Socket socket) {
        return socket.deflateWindowBits() == 0 ? PLAIN : new Envelopes(socket.deflateWindowBits());
    }

    @Override
    public ByteBuf encode(Delivery delivery) {
        Run run = delivery.run();
        int around = 80 + delivery.channel().value().length();
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
        byte[] envelope = envelope(delivery, block, index, skipped);
        return MessageFrames.message(Frames.TEXT, envelope, 0, envelope.length, windowBits);
    }

    private void write(ByteBuf out, Delivery delivery, Block block, int index) {
        byte[] envelope = envelope(delivery, block, index, 0);
        MessageFrames.message(out, Frames.TEXT, envelope, 0, envelope.length, windowBits);
    }

    private static byte[] envelope(Delivery delivery, Block block, int index, long skipped) {
        int start = block.start(index);
        int length = block.end(index) - start;
        Offset offset = new Offset(block.generation(), block.firstSequence() + index);
        String head = "{\"channel\":\"" + delivery.channel() + "\",\"offset\":\"" + offset
                + (skipped > 0 ? "\",\"skipped\":" + skipped + "," : "\",");
        ByteArrayOutputStream out = new ByteArrayOutputStream(head.length() + 16 + length);
        out.writeBytes(ascii(head));
        switch (delivery.type().kind()) {
            case JSON -> {
                out.writeBytes(ascii("\"data\":"));
                out.write(block.bytes(), start, length);
            }
            case TEXT -> {
                String text = new String(block.bytes(), start, length, StandardCharsets.UTF_8);
                out.writeBytes(ascii("\"data\":\""));
                out.writeBytes(JsonStringEncoder.getInstance().quoteAsUTF8(text));
                out.write('"');
            }
            case BINARY -> {
                out.writeBytes(ascii("\"base64\":\""));
                out.writeBytes(Base64.getEncoder().encode(block.message(index)));
                out.write('"');
            }
        }
        out.write('}');
        return out.toByteArray();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void release(ByteBuf encoded) {
        encoded.release();
    }
}
