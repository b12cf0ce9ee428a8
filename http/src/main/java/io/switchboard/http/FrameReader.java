package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.switchboard.http.wire.Utf8;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Makes messages and control frames of the bytes of a client (RFC 6455, sections 5.2 to 5.5), whatever pieces they come
 * in. It holds what has arrived of one message and of one control frame and nothing that was announced, so that between
 * messages there is nothing to hold and the connection needs none. Belongs to its connection.
 *
 * <pre>
 *   FIRST ──► SECOND ──► LENGTH ──► MASK ──► PAYLOAD ──► FIRST, or BROKEN for good
 * </pre>
 */
final class FrameReader {
    private static final int CONTINUATION = 0x0;
    private static final int TEXT = 0x1;
    private static final int BINARY = 0x2;
    private static final int CLOSE = 0x8;
    private static final int PING = 0x9;
    private static final int PONG = 0xa;
    private static final int CONTROL = 0x8; // the bit that they have in common
    private static final int FIN = 0x80;
    private static final int MASKED = 0x80;
    private static final int RESERVED = 0x70;
    private static final int COMPRESSED = 0x40;
    private static final int CONTROL_BYTES_MAX = 125;
    private static final int CLOSE_CODE_MAX = 4_999; // the last of applications (RFC 6455, section 7.4.2)
    private static final byte[] NOTHING = {};
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /** What came of bytes. */
    sealed interface Step {
        /** Nothing yet: all bytes are taken, or a piece of a message is. */
        record More() implements Step {}

        record Message(Assembly.Whole whole) implements Step {}

        @SuppressWarnings("ArrayRecordComponent") // a carrier; compared by nobody
        record Ping(byte[] payload) implements Step {}

        /** @param code {@value #NO_CODE} without one */
        record Close(int code) implements Step {}

        /** The message is not wanted; what follows it may be. */
        record Refused(Assembly.Refusal refusal) implements Step {}

        /** The frame is longer than any may be: where the next begins is of no interest. */
        record TooBig() implements Step {}

        /** What was sent is no frame, or not the next one: there is nothing to go on with. */
        record Broken() implements Step {}
    }

    static final int NO_CODE = -1;

    private static final Step MORE = new Step.More();
    private static final Step BROKEN = new Step.Broken();
    private static final Step TOO_BIG = new Step.TooBig();

    private enum Expected {
        FIRST,
        SECOND,
        LENGTH,
        MASK,
        PAYLOAD,
        NOTHING
    }

    private final int frameBytesMax;
    private final boolean deflated;
    private Expected expected = Expected.FIRST;
    private int first; // byte of the frame
    private int second;
    private int counted; // bytes of the length or of the mask
    private long length;
    private int mask;
    private int taken; // of the payload
    private boolean within; // a message that goes on in another frame
    private byte[] control = NOTHING;
    private @Nullable Assembly assembly; // of the message that has begun

    /** @param deflated whether compression was agreed on */
    FrameReader(int frameBytesMax, boolean deflated) {
        this.frameBytesMax = frameBytesMax;
        this.deflated = deflated;
    }

    /** Whether it knows nothing that a new one would not. */
    boolean isEmpty() {
        return expected == Expected.FIRST && !within;
    }

    /** Bytes of the message that is not whole yet. */
    int held() {
        return assembly == null ? 0 : assembly.held();
    }

    /** Lets the message that is not whole yet go. */
    void release() {
        assembly = null;
    }

    /**
     * Takes bytes up to where something comes of them.
     *
     * @param limit of messages
     * @param wanted whether messages are; the rest of one that is not is passed over
     */
    Step take(ByteBuf in, MessageLimit limit, boolean wanted) {
        while (in.isReadable()) {
            Step step =
                    switch (expected) {
                        case FIRST -> {
                            first = in.readByte() & 0xff;
                            expected = Expected.SECOND;
                            yield MORE;
                        }
                        case SECOND -> second(in.readByte() & 0xff);
                        case LENGTH -> length(in.readByte() & 0xff);
                        case MASK -> mask(in.readByte() & 0xff);
                        case PAYLOAD -> MORE;
                        case NOTHING -> {
                            in.skipBytes(in.readableBytes());
                            yield MORE;
                        }
                    };
            // The payload may be empty, and is then there as soon as its frame is.
            if (expected == Expected.PAYLOAD) step = isControl() ? control(in) : data(in, limit, wanted);
            if (!(step instanceof Step.More)) return step;
        }
        return MORE;
    }

    private int opcode() {
        return first & 0xf;
    }

    private boolean isFinal() {
        return (first & FIN) != 0;
    }

    private boolean isControl() {
        return (first & CONTROL) != 0;
    }

    private Step second(int value) {
        second = value;
        if (!isRight()) return broken();
        length = value & 0x7f;
        counted = 0;
        mask = 0;
        taken = 0;
        if (length < 126) return measured();
        length = 0;
        expected = Expected.LENGTH;
        return MORE;
    }

    // Of a frame as far as its first two bytes tell.
    private boolean isRight() {
        int opcode = opcode();
        int reserved = first & RESERVED;
        if ((second & MASKED) == 0) return false;
        if (isControl()) {
            return (opcode == CLOSE || opcode == PING || opcode == PONG)
                    && isFinal()
                    && reserved == 0
                    && (second & 0x7f) <= CONTROL_BYTES_MAX;
        }
        if (opcode == CONTINUATION) return within && reserved == 0;
        boolean mayBe = reserved == 0 || (reserved == COMPRESSED && deflated);
        return !within && mayBe && (opcode == TEXT || opcode == BINARY);
    }

    private Step length(int value) {
        length = length << 8 | value;
        counted++;
        boolean wide = (second & 0x7f) == 127;
        if (counted < (wide ? 8 : 2)) return MORE;
        if (length < (wide ? 65_536 : 126)) return broken(); // not in its shortest form, or negative
        return measured();
    }

    private Step measured() {
        if (!isControl() && length > frameBytesMax) {
            expected = Expected.NOTHING;
            return TOO_BIG;
        }
        counted = 0;
        expected = Expected.MASK;
        return MORE;
    }

    private Step mask(int value) {
        mask = mask << 8 | value;
        if (++counted == 4) {
            expected = Expected.PAYLOAD;
            if (isControl()) control = length == 0 ? NOTHING : new byte[(int) length];
        }
        return MORE;
    }

    private Step broken() {
        expected = Expected.NOTHING;
        return BROKEN;
    }

    // --- payload

    private int arrived(ByteBuf in) {
        return (int) Math.min(in.readableBytes(), length - taken);
    }

    /** Copies so many bytes of payload as they were before they were masked (section 5.3). */
    private void unmask(ByteBuf in, byte[] to, int at, int bytes) {
        in.readBytes(to, at, bytes);
        int turned = Integer.rotateLeft(mask, 8 * (taken & 3));
        long eight = (long) turned << 32 | (turned & 0xffff_ffffL);
        int i = at;
        for (; i + 8 <= at + bytes; i += 8) LONG.set(to, i, (long) LONG.get(to, i) ^ eight);
        for (; i < at + bytes; i++, turned = Integer.rotateLeft(turned, 8)) to[i] ^= (byte) (turned >>> 24);
        taken += bytes;
    }

    private Step control(ByteBuf in) {
        unmask(in, control, taken, arrived(in));
        if (taken < length) return MORE;
        expected = Expected.FIRST;
        byte[] payload = control;
        control = NOTHING;
        return switch (opcode()) {
            case PING -> new Step.Ping(payload);
            case CLOSE -> close(payload);
            default -> MORE; // an answer to a ping says no more than that it came
        };
    }

    private Step close(byte[] payload) {
        if (payload.length == 0) {
            expected = Expected.NOTHING;
            return new Step.Close(NO_CODE);
        }
        if (payload.length == 1) return broken();
        int code = (payload[0] & 0xff) << 8 | (payload[1] & 0xff);
        boolean known = WebSocketCloseStatus.isValidStatusCode(code) && code <= CLOSE_CODE_MAX;
        if (!known || !Utf8.isValid(payload, 2, payload.length)) return broken();
        expected = Expected.NOTHING;
        return new Step.Close(code);
    }

    private Step data(ByteBuf in, MessageLimit limit, boolean wanted) {
        if (taken == 0 && opcode() != CONTINUATION) {
            assembly = wanted ? new Assembly(opcode() == TEXT, (first & COMPRESSED) != 0) : null;
        }
        int more = arrived(in);
        Assembly message = wanted ? assembly : null;
        Assembly.Refusal refusal = null;
        if (message == null) {
            in.skipBytes(more);
            taken += more;
        } else {
            refusal = message.room(more, length - taken, isFinal(), limit);
            if (refusal == null) {
                unmask(in, message.bytes(), message.held(), more);
                refusal = message.added(more, isFinal() && taken == length);
            } else {
                in.skipBytes(more);
                taken += more;
            }
        }
        boolean whole = taken == length;
        if (whole) {
            within = !isFinal();
            expected = Expected.FIRST;
        }
        if (refusal != null) {
            assembly = null;
            return new Step.Refused(refusal);
        }
        if (message == null || !whole || within) return MORE;
        assembly = null;
        return switch (message.whole(limit)) {
            case Assembly.Whole made -> new Step.Message(made);
            case Assembly.Refusal not -> new Step.Refused(not);
        };
    }
}
