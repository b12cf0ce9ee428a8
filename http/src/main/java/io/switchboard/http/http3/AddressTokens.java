package io.switchboard.http.http3;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.QuicTokenHandler;
import io.switchboard.core.time.Ticker;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a client brings back to show that it is where its packets say (RFC 9000, section 8.1.2). Nothing is kept for a
 * client that has not: what has to be remembered is in the token, signed.
 *
 * <pre>
 *   until when, 8 bytes | HMAC of that, the address, the port and the id, 16 bytes | the id that the client began with
 * </pre>
 *
 * Belongs to one loop.
 */
public final class AddressTokens implements QuicTokenHandler {
    /** So long it counts: it comes back at once, or after a packet or two were lost. */
    public static final long LIFE_MILLIS = 10_000;

    public static final int KEY_BYTES = 32;

    private static final int TIME_BYTES = 8;
    private static final int SIGNATURE_BYTES = 16;
    private static final int ID_BYTES_MAX = 20; // RFC 9000, section 17.2
    private static final String ALGORITHM = "HmacSHA256";

    private final Ticker ticker;
    private final Mac mac;

    /** @param key {@value #KEY_BYTES} bytes that nobody else has; the same on all loops of a port */
    public AddressTokens(byte[] key, Ticker ticker) {
        if (key.length != KEY_BYTES) throw new IllegalArgumentException("a key has " + KEY_BYTES + " bytes");
        this.ticker = ticker;
        try {
            mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }

    @Override
    public boolean writeToken(ByteBuf out, ByteBuf dcid, InetSocketAddress address) {
        byte[] id = bytes(dcid, dcid.readerIndex(), dcid.readableBytes());
        long until = ticker.nowMillis() + LIFE_MILLIS;
        out.writeLong(until).writeBytes(signature(until, address, id)).writeBytes(id);
        return true;
    }

    /** @return where the id begins that the client began with; -1 for what is no token of this server's for that address now */
    @Override
    public int validateToken(ByteBuf token, InetSocketAddress address) {
        int idBytes = token.readableBytes() - TIME_BYTES - SIGNATURE_BYTES;
        if (idBytes < 0 || idBytes > ID_BYTES_MAX) return -1;
        int begin = token.readerIndex();
        long until = token.getLong(begin);
        long left = until - ticker.nowMillis();
        if (left <= 0 || left > LIFE_MILLIS) return -1;
        byte[] signature = bytes(token, begin + TIME_BYTES, SIGNATURE_BYTES);
        byte[] id = bytes(token, begin + TIME_BYTES + SIGNATURE_BYTES, idBytes);
        return MessageDigest.isEqual(signature, signature(until, address, id)) ? TIME_BYTES + SIGNATURE_BYTES : -1;
    }

    @Override
    public int maxTokenLength() {
        return TIME_BYTES + SIGNATURE_BYTES + ID_BYTES_MAX;
    }

    private byte[] signature(long until, InetSocketAddress address, byte[] id) {
        mac.update(ByteBuffer.allocate(TIME_BYTES + 4)
                .putLong(until)
                .putInt(address.getPort())
                .array());
        byte[] from = address.getAddress().getAddress();
        mac.update((byte) from.length);
        mac.update(from);
        return Arrays.copyOf(mac.doFinal(id), SIGNATURE_BYTES);
    }

    private static byte[] bytes(ByteBuf from, int begin, int length) {
        byte[] bytes = new byte[length];
        from.getBytes(begin, bytes);
        return bytes;
    }
}
