package io.switchboard.http;

import io.switchboard.http.websocket.CloseCode;
import io.switchboard.http.websocket.Compression;
import io.switchboard.http.websocket.TextCheck;
import io.switchboard.http.wire.Utf8;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One message while it arrives (RFC 6455, section 5.4): its bytes, of which text is checked on the way, and what they
 * are expanded to where they are compressed. Belongs to its connection.
 */
final class Assembly {
    private static final byte[] NOTHING = {};
    private static final int FIRST_BYTES = 1024;

    /** What came of a message. */
    sealed interface Outcome {}

    @SuppressWarnings("ArrayRecordComponent") // a carrier; compared by nobody
    record Whole(boolean text, byte[] bytes) implements Outcome {}

    record Refusal(CloseCode code, String reason) implements Outcome {}

    private static final Refusal NO_UTF8 = new Refusal(CloseCode.INVALID_PAYLOAD, "Text is UTF-8.");

    private final boolean text;
    private final boolean compressed;
    private final @Nullable TextCheck check;
    private byte[] bytes = NOTHING;
    private int length;

    Assembly(boolean text, boolean compressed) {
        this.text = text;
        this.compressed = compressed;
        check = text && !compressed ? new TextCheck() : null;
    }

    /** What has arrived, with room behind {@link #held} for what {@link #room} was asked for. */
    byte[] bytes() {
        return bytes;
    }

    /** Bytes that have arrived. */
    int held() {
        return length;
    }

    /**
     * Makes room for bytes that have arrived; no more than a few times as much as is there, whatever is announced, and
     * not anew for each of many small frames.
     *
     * @param frame bytes that its frame has yet to bring, {@code more} with them
     * @param last whether that is the last frame
     */
    @Nullable
    Refusal room(int more, long frame, boolean last, MessageLimit limit) {
        if (frame > limit.bytesMax() - length) return tooBig(limit);
        int needed = length + more;
        if (needed > bytes.length) {
            long most = last ? length + frame : limit.bytesMax();
            bytes = Arrays.copyOf(bytes, (int) Math.min(most, Math.max(FIRST_BYTES, 2L * needed)));
        }
        return null;
    }

    /**
     * So many bytes were put behind those that were there.
     *
     * @param last whether that is all of it
     */
    @Nullable
    Refusal added(int more, boolean last) {
        length += more;
        return check == null || check.passes(bytes, length, last) ? null : NO_UTF8;
    }

    /** All of it has arrived. */
    Outcome whole(MessageLimit limit) {
        if (!compressed) return new Whole(text, length == bytes.length ? bytes : Arrays.copyOf(bytes, length));
        return switch (Compression.ofThread().expand(bytes, length, limit.bytesMax())) {
            case Compression.Expanded.Message(byte[] expanded) ->
                text && !Utf8.isValid(expanded, 0, expanded.length) ? NO_UTF8 : new Whole(text, expanded);
            case Compression.Expanded.TooBig() -> tooBig(limit);
            case Compression.Expanded.Damaged() ->
                new Refusal(CloseCode.INVALID_PAYLOAD, "A compressed message cannot be expanded.");
        };
    }

    private static Refusal tooBig(MessageLimit limit) {
        return new Refusal(limit.code(), limit.reason());
    }
}
