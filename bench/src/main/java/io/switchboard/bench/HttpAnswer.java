package io.switchboard.bench;

import java.util.Arrays;

/**
 * Takes the answers of one connection out of its bytes, whichever way they are cut (RFC 9112): bodies of a told length,
 * in chunks, or up to the end of the connection. One thread.
 */
public final class HttpAnswer {
    /** What an answer consists of, in order. */
    public interface Reader {
        /** @param head good until this returns */
        void head(HttpHead head);

        void content(byte[] bytes, int from, int to);

        /** The answer is whole. */
        void answered();
    }

    private enum Phase {
        HEAD,
        FIXED,
        CHUNK_SIZE,
        CHUNK,
        CHUNK_END,
        TRAILER,
        UNTIL_CLOSE,
        UPGRADED
    }

    /** As much as a head may have. */
    private static final int HEAD_BYTES_MAX = 32 * 1024;

    private static final byte[] EMPTY_LINE = {'\r', '\n', '\r', '\n'};

    private final HttpHead head;
    private Phase phase = Phase.HEAD;
    private int ended; // bytes of EMPTY_LINE that the head read so far ends with
    private byte[] begun = {}; // of a head that came in pieces
    private long left; // of the body or the chunk
    private int lineLength; // of the line of a trailer
    private boolean inExtension; // of a chunk's size, which means nothing here

    /** @param head scratch of the thread that reads */
    public HttpAnswer(HttpHead head) {
        this.head = head;
    }

    public boolean isUpgraded() {
        return phase == Phase.UPGRADED;
    }

    /** Returns where it stopped: at {@code to}, or behind the head of an answer that changed the protocol. */
    public int feed(byte[] bytes, int from, int to, Reader reader) {
        int at = from;
        while (at < to && phase != Phase.UPGRADED) {
            switch (phase) {
                case HEAD -> at = head(bytes, at, to, reader);
                case FIXED -> {
                    at = body(bytes, at, to, reader);
                    if (left == 0) end(reader);
                }
                case CHUNK_SIZE -> chunkSize(bytes[at++]);
                case CHUNK -> {
                    at = body(bytes, at, to, reader);
                    if (left == 0) phase = Phase.CHUNK_END;
                }
                case CHUNK_END -> {
                    if (bytes[at++] == '\n') phase = Phase.CHUNK_SIZE;
                }
                case TRAILER -> {
                    byte b = bytes[at++];
                    if (b == '\n' && lineLength == 0) end(reader);
                    else if (b == '\n') lineLength = 0;
                    else if (b != '\r') lineLength++;
                }
                case UNTIL_CLOSE -> {
                    reader.content(bytes, at, to);
                    at = to;
                }
                case UPGRADED -> throw new AssertionError("not reached");
            }
        }
        return at;
    }

    private int head(byte[] bytes, int from, int to, Reader reader) {
        int at = from;
        while (at < to && ended < EMPTY_LINE.length) {
            byte b = bytes[at++];
            if (b == EMPTY_LINE[ended]) ended++;
            else ended = b == '\r' ? 1 : 0;
        }
        if (ended < EMPTY_LINE.length || begun.length > 0) {
            if (begun.length + (at - from) > HEAD_BYTES_MAX) throw new Malformed("head too long");
            int had = begun.length;
            begun = Arrays.copyOf(begun, had + (at - from));
            System.arraycopy(bytes, from, begun, had, at - from);
        }
        if (ended < EMPTY_LINE.length) return at;
        if (begun.length > 0) head.over(begun, 0, begun.length);
        else head.over(bytes, from, at);
        begun = new byte[0];
        ended = 0;
        begin(reader);
        return at;
    }

    private void begin(Reader reader) {
        int status = head.status();
        if (status >= 100 && status < 200 && status != 101) return; // the answer itself is still to come
        long length = head.contentLength();
        boolean chunked = head.isChunked();
        reader.head(head);
        if (status == 101) {
            phase = Phase.UPGRADED;
        } else if (status == 204 || status == 304 || (length == 0 && !chunked)) {
            end(reader);
        } else if (chunked) {
            phase = Phase.CHUNK_SIZE;
            left = 0;
        } else if (length > 0) {
            phase = Phase.FIXED;
            left = length;
        } else {
            phase = Phase.UNTIL_CLOSE;
        }
    }

    private void end(Reader reader) {
        phase = Phase.HEAD;
        reader.answered();
    }

    private int body(byte[] bytes, int from, int to, Reader reader) {
        int length = (int) Math.min(left, to - from);
        reader.content(bytes, from, from + length);
        left -= length;
        return from + length;
    }

    private void chunkSize(byte b) {
        if (b == '\n') {
            inExtension = false;
            phase = left == 0 ? Phase.TRAILER : Phase.CHUNK;
            lineLength = 0;
        } else if (b == ';') {
            inExtension = true;
        } else if (b != '\r' && !inExtension) {
            int digit = Character.digit(b, 16);
            if (digit < 0 || left > Integer.MAX_VALUE) throw new Malformed("chunk");
            left = left * 16 + digit;
        }
    }
}
