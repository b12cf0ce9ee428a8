package io.switchboard.cli.client;

import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What comes on a WebSocket, for a thread that waits for it. The next frame is asked for when one was taken, so there
 * is never more than one here, beside the end.
 */
final class Frames implements WebSocket.Listener {
    /** What came. */
    sealed interface Frame {
        record Text(String text) implements Frame {}

        /** A part of a text, a ping, or bytes: life, and nothing to read. */
        record Sign() implements Frame {}

        /** @param code of the close frame; 1006 if there was none */
        record End(int code) implements Frame {}
    }

    private static final int LOST = 1006;
    private static final int MESSAGE_CHARACTERS_MAX = 400 << 20;

    private final BlockingQueue<Frame> frames = new LinkedBlockingQueue<>();
    private final StringBuilder text = new StringBuilder(); // only the client's thread, one call at a time

    /** Waits for the next frame; empty if none comes in time. */
    Optional<Frame> take(WebSocket socket, Duration max) throws InterruptedException {
        Frame frame = frames.poll(max.toMillis(), TimeUnit.MILLISECONDS);
        if (frame != null && !(frame instanceof Frame.End)) socket.request(1);
        return Optional.ofNullable(frame);
    }

    boolean isEmpty() {
        return frames.isEmpty();
    }

    @Override
    public void onOpen(WebSocket socket) {
        socket.request(1);
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        text.append(data);
        if (text.length() > MESSAGE_CHARACTERS_MAX) {
            frames.add(new Frame.End(1009));
            socket.abort();
        } else if (last) {
            frames.add(new Frame.Text(text.toString()));
            text.setLength(0);
        } else {
            frames.add(new Frame.Sign());
        }
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
        frames.add(new Frame.Sign());
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPing(WebSocket socket, ByteBuffer data) {
        frames.add(new Frame.Sign());
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        frames.add(new Frame.End(code));
        return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable lost) {
        frames.add(new Frame.End(LOST));
    }

    static byte[] bytes(Frame.Text frame) {
        return frame.text().getBytes(StandardCharsets.UTF_8);
    }
}
