package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/** The beginning of a message of the line (spec/protocol.md, section 4.2), which tells what it is. One thread. */
final class Reply {
    private static final int BYTES = 40;

    private final byte[] begun = new byte[BYTES];
    private int length;

    void feed(byte[] bytes, int from, int to) {
        int taken = Math.min(to - from, BYTES - length);
        System.arraycopy(bytes, from, begun, length, taken);
        length += taken;
    }

    /** What it is, once the message is whole; the next one begins. */
    Kind take() {
        String text = new String(begun, 0, length, ISO_8859_1);
        length = 0;
        if (text.contains("\"error\":")) return Kind.ERROR;
        return text.startsWith("{\"reply\":") && text.contains("\"ok\":") ? Kind.OK : Kind.OTHER;
    }

    enum Kind {
        OK,
        ERROR,
        OTHER
    }
}
