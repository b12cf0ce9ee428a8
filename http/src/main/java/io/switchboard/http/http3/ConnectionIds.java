package io.switchboard.http.http3;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * Names of QUIC connections (RFC 9000, section 5.1). So whichever loop a packet comes to knows whose it is, when its sender
 * has moved to another address and the kernel took it for somebody else's; and there, which connection is meant.
 *
 * <pre>
 *   the loop that has it, 2 bytes | sealed: the connection's number, 8 bytes, and dice, 8 | dice, 2
 * </pre>
 *
 * All names of a connection have its number, which nobody else can read, nor see that two names have the same (section 9.5).
 * Belongs to one loop.
 */
public final class ConnectionIds implements QuicConnectionIdGenerator {
    public static final int BYTES = 20; // as many as there may be

    public static final int KEY_BYTES = 16;
    public static final int LANES_MAX = 1 << 16;
    public static final int NO_LANE = -1;

    /** No connection's number. */
    public static final long NO_CONNECTION = 0;

    private static final int LANE_BYTES = 2;
    private static final int SEALED_BYTES = 16; // a block of AES
    private static final int NUMBER_BYTES = 8;
    private static final int LONG_HEADER = 0x80; // RFC 9000, section 17.2
    private static final int LONG_HEADER_ID_AT = 6; // behind the version and the length of the id
    private static final String ALGORITHM = "AES/ECB/NoPadding"; // one block, with dice of its own

    private final int lane;
    private final SecureRandom dice = new SecureRandom();
    private final Cipher seal;
    private final Cipher unseal;
    private final byte[] sealed = new byte[SEALED_BYTES];
    private final byte[] open = new byte[SEALED_BYTES];

    /** @param key {@value #KEY_BYTES} bytes that nobody else has */
    public ConnectionIds(int lane, byte[] key) {
        if (lane < 0 || lane >= LANES_MAX) throw new IllegalArgumentException("no lane: " + lane);
        if (key.length != KEY_BYTES) throw new IllegalArgumentException("a key has " + KEY_BYTES + " bytes");
        this.lane = lane;
        seal = cipher(Cipher.ENCRYPT_MODE, key);
        unseal = cipher(Cipher.DECRYPT_MODE, key);
    }

    private static Cipher cipher(int mode, byte[] key) {
        try {
            Cipher cipher = Cipher.getInstance(ALGORITHM);
            cipher.init(mode, new SecretKeySpec(key, "AES"));
            return cipher;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has AES", e);
        }
    }

    /** Whether a packet is of the kind that comes and goes once a handshake is complete (RFC 9000, section 17.3). */
    public static boolean isShort(ByteBuf packet) {
        return packet.isReadable() && (packet.getByte(packet.readerIndex()) & LONG_HEADER) == 0;
    }

    /**
     * The lane that a packet names, which may be any number; {@value #NO_LANE} if it names none: until a client has got an
     * id from the server it calls the connection by one of its own.
     */
    public static int laneOf(ByteBuf packet) {
        if (packet.readableBytes() <= BYTES || !isShort(packet)) return NO_LANE;
        return packet.getUnsignedShort(packet.readerIndex() + 1);
    }

    /** Where the name stands in a packet that has one. */
    public static int nameAt(ByteBuf packet) {
        return packet.readerIndex() + (isShort(packet) ? 1 : LONG_HEADER_ID_AT);
    }

    /**
     * The number of the connection that a packet names, which may be any, as somebody may have made the name up;
     * {@link #NO_CONNECTION} if the name has not the form of one.
     */
    public long connectionOf(ByteBuf packet) {
        if (!packet.isReadable()) return NO_CONNECTION;
        int at = nameAt(packet);
        if (packet.writerIndex() - at < BYTES) return NO_CONNECTION;
        if (!isShort(packet) && packet.getByte(at - 1) != BYTES) return NO_CONNECTION;
        packet.getBytes(at + LANE_BYTES, sealed);
        return unseal();
    }

    private long unseal() {
        turn(unseal, sealed, open);
        long number = 0;
        for (int i = 0; i < NUMBER_BYTES; i++) number = number << 8 | (open[i] & 0xff);
        return number;
    }

    private static void turn(Cipher cipher, byte[] from, byte[] to) {
        try {
            cipher.update(from, 0, SEALED_BYTES, to, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a block has its place", e);
        }
    }

    /** A name for a new connection. */
    @Override
    public ByteBuffer newId(int length) {
        dice.nextBytes(open);
        return id(length);
    }

    /** A name for the connection that was asked for by {@code dcid}, for it to come again by this one. */
    @Override
    public ByteBuffer newId(ByteBuffer scid, ByteBuffer dcid, int length) {
        return newId(length);
    }

    /** One more name for the connection that has the name {@code input}. */
    @Override
    public ByteBuffer newId(ByteBuffer input, int length) {
        if (input.remaining() != BYTES) return newId(length);
        byte[] drawn = new byte[SEALED_BYTES];
        dice.nextBytes(drawn);
        input.get(input.position() + LANE_BYTES, sealed);
        unseal();
        System.arraycopy(drawn, NUMBER_BYTES, open, NUMBER_BYTES, SEALED_BYTES - NUMBER_BYTES);
        return id(length);
    }

    // Of what is in the open.
    private ByteBuffer id(int length) {
        if (length != BYTES) throw new IllegalArgumentException("an id has " + BYTES + " bytes: " + length);
        turn(seal, open, sealed);
        return ByteBuffer.allocate(BYTES)
                .putShort((short) lane)
                .put(sealed)
                .putShort((short) dice.nextInt())
                .flip();
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
