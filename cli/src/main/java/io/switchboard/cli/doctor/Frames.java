package io.switchboard.cli.doctor;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.ThreadLocalRandom;

/** A client's end of an open WebSocket (RFC 6455, section 5), without compression. One thread reads, one sends. */
final class Frames {
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private static final int CONTINUATION = 0;
    private static final int FINAL = 0x80;
    private static final int MASKED = 0x80;
    private static final int CONTROL_BYTES_MAX = 125;

    /** A whole message, or a control frame. */
    static final class Frame {
        private final int kind;
        private final byte[] payload;

        Frame(int kind, byte[] payload) {
            this.kind = kind;
            this.payload = payload;
        }

        int kind() {
            return kind;
        }

        byte[] payload() {
            return payload;
        }

        /** Why it was closed; 1005 if nothing was said. */
        int closeCode() {
            return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xffff;
        }
    }

    private final Wire wire;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private int messageKind;

    Frames(Wire wire) {
        this.wire = wire;
    }

    void send(int kind, byte[] payload) throws WireFailure {
        int length = payload.length;
        int lengthBytes = length <= CONTROL_BYTES_MAX ? 1 : length <= 0xffff ? 3 : 9;
        ByteBuffer frame = ByteBuffer.allocate(5 + lengthBytes + length).put((byte) (FINAL | kind));
        if (length <= CONTROL_BYTES_MAX) frame.put((byte) (MASKED | length));
        else if (length <= 0xffff) frame.put((byte) (MASKED | 126)).putShort((short) length);
        else frame.put((byte) (MASKED | 127)).putLong(length);
        byte[] mask = new byte[4];
        ThreadLocalRandom.current().nextBytes(mask);
        frame.put(mask);
        for (int i = 0; i < length; i++) frame.put((byte) (payload[i] ^ mask[i & 3]));
        wire.send(frame.array());
    }

    /**
     * The next message or control frame.
     *
     * @param bytesMax of a message
     */
    Frame next(int bytesMax) throws WireFailure {
        while (true) {
            byte[] head = wire.exactly(2);
            int kind = head[0] & 0x0f;
            boolean isFinal = (head[0] & FINAL) != 0;
            if ((head[0] & 0x70) != 0 || (head[1] & MASKED) != 0) throw garbage();
            long length = head[1] & 0x7f;
            if (length == 126) length = ByteBuffer.wrap(wire.exactly(2)).getShort() & 0xffff;
            else if (length == 127) length = ByteBuffer.wrap(wire.exactly(8)).getLong();
            if (kind >= CLOSE) {
                if (kind > PONG || !isFinal || length > CONTROL_BYTES_MAX) throw garbage();
                return new Frame(kind, wire.exactly((int) length));
            }
            if (kind > BINARY || (kind == CONTINUATION) != (messageKind != 0)) throw garbage();
            if (length < 0 || length > bytesMax - message.size()) {
                throw new WireFailure(
                        WireFailure.Kind.ENDLESS, "sends a message of more than " + Excerpt.size(bytesMax));
            }
            if (kind != CONTINUATION) messageKind = kind;
            message.writeBytes(wire.exactly((int) length));
            if (!isFinal) continue;
            Frame whole = new Frame(messageKind, message.toByteArray());
            message.reset();
            messageKind = 0;
            return whole;
        }
    }

    private static WireFailure garbage() {
        return new WireFailure(WireFailure.Kind.GARBAGE, "sends what is no WebSocket frame");
    }
}
