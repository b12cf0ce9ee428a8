package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.switchboard.http.websocket.CloseCode;
import io.switchboard.http.websocket.Compression;
import io.switchboard.http.websocket.TextCheck;
import io.switchboard.http.wire.Utf8;
import java.util.Arrays;

/**
 * Puts messages together from their frames (RFC 6455, section 5.4), expands them where they are compressed,
 * and checks text while it arrives. That the frames follow each other rightly was checked before. Belongs to
 * its connection.
 */
final class Assembly {
    private static final byte[] NOTHING = {};
    private static final int COMPRESSED = 4; // the first reserved bit
    private static final int FIRST_BYTES = 1024;

    /** What a frame made of the message. */
    sealed interface Step {
        record More() implements Step {}

        @SuppressWarnings("ArrayRecordComponent") // a carrier; compared by nobody
        record Message(boolean text, byte[] bytes) implements Step {}

        record Refused(CloseCode code, String reason) implements Step {}
    }

    private static final Step MORE = new Step.More();
    private static final Step NO_UTF8 = new Step.Refused(CloseCode.INVALID_PAYLOAD, "Text is UTF-8.");
    private static final Step RESERVED =
            new Step.Refused(CloseCode.PROTOCOL_ERROR, "A reserved bit is set that nothing was agreed on for.");

    private MessageLimit limit;
    private final boolean deflated;
    private byte[] bytes = NOTHING;
    private int length;
    private boolean text;
    private boolean compressed;
    private final TextCheck check = new TextCheck();

    /** @param deflated whether compression was agreed on */
    Assembly(MessageLimit limit, boolean deflated) {
        this.limit = limit;
        this.deflated = deflated;
    }

    /** Holds for the message that is not whole yet, and those that follow. */
    void limit(MessageLimit changed) {
        limit = changed;
    }

    /** Bytes of the message that is not whole yet. */
    int held() {
        return length;
    }

    void release() {
        bytes = NOTHING;
        length = 0;
    }

    /** Takes the content of a frame, data or control; does not keep the frame. */
    Step add(WebSocketFrame frame) {
        boolean first = frame instanceof TextWebSocketFrame
                || frame instanceof io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
        if (!first && !(frame instanceof ContinuationWebSocketFrame)) return RESERVED; // control
        if ((frame.rsv() & ~COMPRESSED) != 0 || (frame.rsv() != 0 && !(deflated && first))) return RESERVED;
        if (first) {
            text = frame instanceof TextWebSocketFrame;
            compressed = frame.rsv() == COMPRESSED;
            length = 0;
            check.reset();
        }
        ByteBuf content = frame.content();
        int more = content.readableBytes();
        if (more > limit.bytesMax() - length) return tooBig();
        if (length + more > bytes.length) grow(length + more, frame.isFinalFragment());
        content.readBytes(bytes, length, more);
        length += more;
        if (text && !compressed && !check.passes(bytes, length, frame.isFinalFragment())) return NO_UTF8;
        return frame.isFinalFragment() ? whole() : MORE;
    }

    private void grow(int needed, boolean last) {
        int size = last ? needed : (int) Math.min(limit.bytesMax(), Math.max(FIRST_BYTES, 2L * needed));
        bytes = Arrays.copyOf(bytes, size);
    }

    private Step whole() {
        byte[] message = bytes;
        int size = length;
        release();
        if (!compressed) return new Step.Message(text, size == message.length ? message : Arrays.copyOf(message, size));
        return switch (Compression.ofThread().expand(message, size, limit.bytesMax())) {
            case Compression.Expanded.Message(byte[] expanded) ->
                text && !Utf8.isValid(expanded, 0, expanded.length) ? NO_UTF8 : new Step.Message(text, expanded);
            case Compression.Expanded.TooBig() -> tooBig();
            case Compression.Expanded.Damaged() ->
                new Step.Refused(CloseCode.INVALID_PAYLOAD, "A compressed message cannot be expanded.");
        };
    }

    private Step tooBig() {
        return new Step.Refused(limit.code(), limit.reason());
    }
}
