package io.switchboard.cli.doctor;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** The body of an answer as it comes, whatever its framing (RFC 9112, section 6). One thread. */
final class Body {
    private static final int PIECE_BYTES = 8 << 10;
    private static final int LINE_LENGTH_MAX = 1 << 10;
    private static final int TRAILERS_MAX = 100;

    private final Wire wire;
    private final byte[] piece = new byte[PIECE_BYTES];
    private final boolean chunked;
    private final boolean toTheEnd; // of the connection
    private long left; // of the body, or of its chunk
    private boolean begun;
    private boolean over;

    Body(Wire wire, Head head) throws WireFailure {
        this.wire = wire;
        chunked = head.lists("transfer-encoding", "chunked");
        String length = head.first("content-length").orElse("");
        toTheEnd = !chunked && length.isEmpty();
        over = head.status() == 204 || head.status() == 304;
        if (!chunked && !toTheEnd) {
            if (!length.matches("[0-9]{1,15}")) {
                throw new WireFailure(
                        WireFailure.Kind.GARBAGE,
                        "sends a Content-Length that is none: \"" + Excerpt.of(length) + "\"");
            }
            left = Long.parseLong(length);
        }
    }

    /** What comes next, at least a byte; nothing at the end. */
    byte[] next() throws WireFailure {
        if (chunked && !over && left == 0) beginChunk();
        if (!chunked && !toTheEnd && left == 0) over = true;
        if (over) return new byte[0];
        int count = wire.read(piece, toTheEnd ? PIECE_BYTES : (int) Math.min(PIECE_BYTES, left));
        if (count < 0) {
            if (!toTheEnd) throw new WireFailure(WireFailure.Kind.ENDED, "ended the connection within an answer");
            over = true;
            return new byte[0];
        }
        if (!toTheEnd) left -= count;
        return Arrays.copyOf(piece, count);
    }

    /** All of it, or the beginning of one that is longer. */
    byte[] all(int bytesMax) throws WireFailure {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (all.size() < bytesMax) {
            byte[] next = next();
            if (next.length == 0) break;
            all.write(next, 0, Math.min(next.length, bytesMax - all.size()));
        }
        return all.toByteArray();
    }

    private void beginChunk() throws WireFailure {
        if (begun) line(); // the end of the one before
        begun = true;
        String line = line();
        int extension = line.indexOf(';');
        String size = (extension < 0 ? line : line.substring(0, extension)).strip();
        if (!size.matches("[0-9a-fA-F]{1,15}")) {
            throw new WireFailure(
                    WireFailure.Kind.GARBAGE, "sends a chunk without a size: \"" + Excerpt.of(line) + "\"");
        }
        left = Long.parseLong(size, 16);
        if (left > 0) return;
        over = true;
        for (int trailers = 0; !line().isEmpty(); trailers++) {
            if (trailers == TRAILERS_MAX) throw endless();
        }
    }

    private String line() throws WireFailure {
        StringBuilder line = new StringBuilder();
        while (line.length() < LINE_LENGTH_MAX) {
            int next = wire.read();
            if (next < 0) throw new WireFailure(WireFailure.Kind.ENDED, "ended the connection within an answer");
            if (next == '\n') return line.toString().stripTrailing();
            line.append((char) next);
        }
        throw endless();
    }

    private static WireFailure endless() {
        return new WireFailure(WireFailure.Kind.ENDLESS, "sends the line of a chunk without end");
    }
}
