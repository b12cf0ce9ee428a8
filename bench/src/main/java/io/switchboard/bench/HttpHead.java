package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;

/**
 * The head of an answer (RFC 9112), looked at where it lies: from its status line to the empty line. Nothing is copied
 * but what is asked for as text. One thread, and only until what it lies in is used again.
 */
public final class HttpHead {
    /** A name of a field, in lower case. */
    public static byte[] name(String name) {
        return name.getBytes(US_ASCII);
    }

    private static final byte[] CONTENT_LENGTH = name("content-length");
    private static final byte[] TRANSFER_ENCODING = name("transfer-encoding");
    private static final byte[] CONNECTION = name("connection");
    private static final int STATUS_AT = "HTTP/1.1 ".length();

    private byte[] bytes = new byte[0];
    private int from;
    private int to;
    private int status;

    void over(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
        if (to - from < STATUS_AT + 3 || bytes[from] != 'H' || bytes[from + 4] != '/') throw new Malformed("no status");
        status = 0;
        for (int i = from + STATUS_AT; i < from + STATUS_AT + 3; i++) status = status * 10 + digit(bytes[i]);
    }

    public int status() {
        return status;
    }

    public boolean isGood() {
        return status >= 200 && status < 300;
    }

    /** -1 if it is not told. */
    long contentLength() {
        int at = value(CONTENT_LENGTH);
        if (at < 0) return -1;
        long length = 0;
        for (int i = at; i < to && bytes[i] != '\r'; i++) {
            if (length > Integer.MAX_VALUE) throw new Malformed("length");
            length = length * 10 + digit(bytes[i]);
        }
        return length;
    }

    boolean isChunked() {
        return is(TRANSFER_ENCODING, "chunked");
    }

    boolean closes() {
        return is(CONNECTION, "close");
    }

    private boolean is(byte[] name, String word) {
        String value = text(name);
        return value != null && value.equalsIgnoreCase(word);
    }

    boolean has(byte[] name) {
        return value(name) >= 0;
    }

    /** The value of the first field of this name. */
    @Nullable
    public String text(byte[] name) {
        int at = value(name);
        if (at < 0) return null;
        int end = at;
        while (end < to && bytes[end] != '\r') end++;
        return new String(bytes, at, end - at, US_ASCII).strip();
    }

    private int value(byte[] name) {
        int line = from;
        while (true) {
            while (line < to && bytes[line] != '\n') line++;
            line++;
            if (line + name.length >= to) return -1;
            if (bytes[line + name.length] == ':' && isAt(line, name)) {
                int at = line + name.length + 1;
                while (at < to && bytes[at] == ' ') at++;
                return at;
            }
        }
    }

    private boolean isAt(int at, byte[] name) {
        for (int i = 0; i < name.length; i++) {
            int b = bytes[at + i];
            if (b >= 'A' && b <= 'Z') b += 'a' - 'A';
            if (b != name[i]) return false;
        }
        return true;
    }

    private static int digit(byte b) {
        if (b < '0' || b > '9') throw new Malformed("no digit");
        return b - '0';
    }
}
