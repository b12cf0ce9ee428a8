package io.switchboard.bench;

/**
 * Takes the frames of a server out of the bytes of a connection, whichever way they are cut (RFC 6455, section 5).
 * Compression is never offered, so a payload is the message as it is. One thread.
 */
public final class FrameReader {
    /** What comes. */
    public interface Reader {
        /** A piece of a message. */
        void payload(byte[] bytes, int from, int to);

        /** The message whose pieces came is whole. */
        void message();

        void ping(byte[] payload, int length);

        /** @param code 1005 if none was given */
        void closed(int code);
    }

    private static final int CONTINUATION = 0;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int CONTROL_BYTES_MAX = 125;
    private static final int NO_CODE = 1005;

    private final byte[] control = new byte[CONTROL_BYTES_MAX];
    private int first = -1; // the first byte of a frame, once it is there
    private int lengthBytes; // that are still to come
    private boolean lengthKnown;
    private long left; // of the payload
    private int controlLength;

    public void feed(byte[] bytes, int from, int to, Reader reader) {
        int at = from;
        while (at < to) {
            if (first < 0) {
                first = bytes[at++] & 0xff;
                if ((first & 0x70) != 0) throw new Malformed("reserved bits");
                lengthKnown = false;
                lengthBytes = 0;
                controlLength = 0;
            } else if (!lengthKnown) {
                length(bytes[at++] & 0xff);
                if (lengthKnown && left == 0) end(reader);
            } else {
                int length = (int) Math.min(left, to - at);
                if (isControl()) {
                    System.arraycopy(bytes, at, control, controlLength, length);
                    controlLength += length;
                } else {
                    reader.payload(bytes, at, at + length);
                }
                at += length;
                left -= length;
                if (left == 0) end(reader);
            }
        }
    }

    private boolean isControl() {
        return (first & 8) != 0;
    }

    private void length(int b) {
        if (lengthBytes > 0) {
            left = left << 8 | b;
            lengthKnown = --lengthBytes == 0;
            if (lengthKnown && (left < 0 || left > Integer.MAX_VALUE)) throw new Malformed("frame too long");
            return;
        }
        if (b > 127) throw new Malformed("masked by the server");
        if (isControl() && b > CONTROL_BYTES_MAX) throw new Malformed("control frame too long");
        left = b < 126 ? b : 0;
        lengthBytes = b < 126 ? 0 : b == 126 ? 2 : 8;
        lengthKnown = lengthBytes == 0;
    }

    private void end(Reader reader) {
        int opcode = first & 15;
        boolean last = (first & 0x80) != 0;
        first = -1;
        switch (opcode) {
            case CLOSE -> reader.closed(controlLength < 2 ? NO_CODE : (control[0] & 0xff) << 8 | (control[1] & 0xff));
            case PING -> reader.ping(control, controlLength);
            case PONG -> {}
            default -> {
                if (opcode < CONTINUATION || opcode > BINARY) throw new Malformed("opcode");
                if (last) reader.message();
            }
        }
    }
}
