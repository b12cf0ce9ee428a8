package io.switchboard.http.wire;

/** UTF-8 as the inside of a JSON string (RFC 8259, section 7): quotes, backslashes and controls escaped, the rest as it is. */
final class JsonString {
    private static final byte AS_IT_IS = 0;
    private static final byte BY_NUMBER = 'u';
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'};

    /** For each byte what stands behind its backslash. */
    private static final byte[] ESCAPES = new byte[256];

    static {
        for (int control = 0; control < ' '; control++) ESCAPES[control] = BY_NUMBER;
        ESCAPES['\b'] = 'b';
        ESCAPES['\t'] = 't';
        ESCAPES['\n'] = 'n';
        ESCAPES['\f'] = 'f';
        ESCAPES['\r'] = 'r';
        ESCAPES['"'] = '"';
        ESCAPES['\\'] = '\\';
    }

    private JsonString() {}

    /** What the bytes from {@code from} (inclusive) to {@code to} (exclusive) take, without the quotes around them. */
    static long length(byte[] utf8, int from, int to) {
        long length = (long) to - from;
        for (int i = from; i < to; i++) {
            byte escape = ESCAPES[utf8[i] & 0xff];
            if (escape != AS_IT_IS) length += escape == BY_NUMBER ? 5 : 1;
        }
        return length;
    }

    /** Writes them into {@code target} at {@code at}; returns where they end. */
    static int write(byte[] utf8, int from, int to, byte[] target, int at) {
        int end = at;
        for (int i = from; i < to; i++) {
            byte b = utf8[i];
            byte escape = ESCAPES[b & 0xff];
            if (escape == AS_IT_IS) {
                target[end++] = b;
                continue;
            }
            target[end++] = '\\';
            target[end++] = escape;
            if (escape == BY_NUMBER) {
                target[end++] = '0';
                target[end++] = '0';
                target[end++] = HEX[b >>> 4];
                target[end++] = HEX[b & 15];
            }
        }
        return end;
    }
}
