package io.switchboard.http.socket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Run;
import io.switchboard.core.reading.Delivery;
import io.switchboard.core.reading.Form;
import io.switchboard.http.Socket;
import io.switchboard.http.websocket.Compression;
import io.switchboard.http.websocket.Frames;
import org.jspecify.annotations.Nullable;

/**
 * Every message as one frame, exactly as it was published; all frames of a delivery in one buffer.
 *
 * @param windowBits of compression, 8 to 15; 0 for none
 */
public record MessageFrames(int windowBits) implements Form<ByteBuf> {
    private static final MessageFrames PLAIN = new MessageFrames(0);

    /** The form that {@code socket} can read. */
    public static MessageFrames of(Socket socket) {
        return socket.deflateWindowBits() == 0 ? PLAIN : new MessageFrames(socket.deflateWindowBits());
    }

    @Override
    public ByteBuf encode(Delivery delivery) {
        int kind = kind(delivery.type());
        Run run = delivery.run();
        long room = run.payloadBytes();
        for (Run.Slice slice : run.slices()) {
            Block block = slice.block();
            for (int i = slice.from(); i < slice.to(); i++) room += Frames.headSize(block.end(i) - block.start(i));
        }
        ByteBuf out = ByteBufAllocator.DEFAULT.ioBuffer(Math.toIntExact(room));
        for (Run.Slice slice : run.slices()) {
            Block block = slice.block();
            for (int i = slice.from(); i < slice.to(); i++) {
                message(out, kind, block.bytes(), block.start(i), block.end(i), windowBits);
            }
        }
        return out;
    }

    /** In which kind of frame the messages of a type come. */
    public static int kind(ContentType type) {
        return type.kind() == ContentType.Kind.BINARY ? Frames.BINARY : Frames.TEXT;
    }

    /** Writes one message in one frame, compressed if that is allowed and worth it. */
    public static void message(ByteBuf out, int kind, byte[] bytes, int from, int to, int windowBits) {
        byte @Nullable [] compressed =
                windowBits == 0 ? null : Compression.ofThread().compress(bytes, from, to, windowBits);
        if (compressed == null) {
            Frames.head(out, kind, to - from);
            out.writeBytes(bytes, from, to - from);
        } else {
            Frames.head(out, kind | Frames.COMPRESSED, compressed.length);
            out.writeBytes(compressed);
        }
    }

    /** One message in a frame and a buffer of its own, without room to spare. Owner: the caller. */
    public static ByteBuf message(int kind, byte[] bytes, int from, int to, int windowBits) {
        byte @Nullable [] compressed =
                windowBits == 0 ? null : Compression.ofThread().compress(bytes, from, to, windowBits);
        if (compressed != null) return Frames.message(kind | Frames.COMPRESSED, compressed, ByteBufAllocator.DEFAULT);
        int size = Frames.headSize(to - from) + to - from;
        ByteBuf out = ByteBufAllocator.DEFAULT.ioBuffer(size, size);
        Frames.head(out, kind, to - from);
        return out.writeBytes(bytes, from, to - from);
    }

    @Override
    public void release(ByteBuf encoded) {
        encoded.release();
    }
}
