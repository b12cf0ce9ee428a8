package io.switchboard.client;

import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Brings what comes on a WebSocket to the loop, one frame at a time: the next is asked for when the loop has taken this
 * one, so a slow loop slows the server down. The HTTP client calls it on its threads, one call at a time.
 */
final class Frames implements WebSocket.Listener {
    static final int LOST = 1006;

    /** Of one message; far beyond what a server sends. */
    private static final int CHARACTERS_MAX = 64 << 20;

    /** Who gets it, on the loop. */
    interface Receiver {
        /** Anything came. */
        void alive();

        /** Returns whether the next may come; else the receiver asks for it. */
        boolean text(String text);

        /** @param code of the close frame; {@value #LOST} if there was none */
        void closed(int code);
    }

    private final Loop loop;
    private final Receiver receiver;
    private final StringBuilder parts = new StringBuilder();

    Frames(Loop loop, Receiver receiver) {
        this.loop = loop;
        this.receiver = receiver;
    }

    // The first frame is asked for by whoever opened the socket.
    @Override
    public void onOpen(WebSocket socket) {}

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        parts.append(data);
        if (parts.length() > CHARACTERS_MAX) {
            socket.abort();
            loop.execute(() -> receiver.closed(LOST));
            return null;
        }
        if (!last) return sign(socket);
        String text = parts.toString();
        parts.setLength(0);
        loop.execute(() -> {
            receiver.alive();
            if (receiver.text(text)) socket.request(1);
        });
        return null;
    }

    private @Nullable CompletionStage<?> sign(WebSocket socket) {
        loop.execute(() -> {
            receiver.alive();
            socket.request(1);
        });
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
        return sign(socket);
    }

    @Override
    public @Nullable CompletionStage<?> onPing(WebSocket socket, ByteBuffer data) {
        return sign(socket);
    }

    @Override
    public @Nullable CompletionStage<?> onPong(WebSocket socket, ByteBuffer data) {
        return sign(socket);
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        loop.execute(() -> receiver.closed(code));
        return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable lost) {
        loop.execute(() -> receiver.closed(LOST));
    }
}
