package io.switchboard.http.http3;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import java.nio.ByteBuffer;

/**
 * Names of QUIC connections (RFC 9000, section 5.1): two bytes for the loop that has it, and dice. So whichever loop a
 * packet comes to knows whose it is, when its sender has moved to another address and the kernel took it for somebody
 * else's. Any thread.
 */
public record ConnectionIds(int lane) implements QuicConnectionIdGenerator {
    public static final int BYTES = 20; // as many as there may be

    public static final int LANES_MAX = 1 << 16;
    public static final int NO_LANE = -1;

    private static final int LANE_BYTES = 2;
    private static final int LONG_HEADER = 0x80; // RFC 9000, section 17.2
    private static final QuicConnectionIdGenerator DICE = QuicConnectionIdGenerator.randomGenerator();

    public ConnectionIds {
        if (lane < 0 || lane >= LANES_MAX) throw new IllegalArgumentException("no lane: " + lane);
    }

    /**
     * The lane that a packet names, which may be any number; {@value #NO_LANE} if it names none: until a client has got an
     * id from the server it calls the connection by one of its own.
     */
    public static int laneOf(ByteBuf packet) {
        int begin = packet.readerIndex();
        if (packet.readableBytes() <= BYTES || (packet.getByte(begin) & LONG_HEADER) != 0) return NO_LANE;
        return packet.getUnsignedShort(begin + 1);
    }

    @Override
    public ByteBuffer newId(int length) {
        ByteBuffer id = ByteBuffer.allocate(length);
        return id.putShort((short) lane).put(DICE.newId(length - LANE_BYTES)).flip();
    }

    @Override
    public ByteBuffer newId(ByteBuffer input, int length) {
        return newId(length);
    }

    @Override
    public int maxConnectionIdLength() {
        return BYTES;
    }

    @Override
    public boolean isIdempotent() {
        return false;
    }
}
