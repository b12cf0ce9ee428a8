package io.switchboard.http.socket;

import io.netty.buffer.ByteBuf;
import io.switchboard.http.Responder;
import io.switchboard.http.Socket;
import io.switchboard.http.SocketOwner;
import io.switchboard.http.websocket.Frames;
import io.switchboard.http.websocket.Handshake;
import org.jspecify.annotations.Nullable;

/** {@code ?echo}: returns what it gets, for tests and ping tools. Nothing is appended. */
final class EchoSocket implements SocketOwner {
    private @Nullable Socket socket;

    static void open(Handshake handshake, Responder responder) {
        responder.upgrade(handshake, null, new EchoSocket());
    }

    @Override
    public void begin(Socket opened) {
        socket = opened;
    }

    @Override
    public void message(boolean text, byte[] bytes) {
        Socket to = socket;
        if (to == null) return;
        int kind = text ? Frames.TEXT : Frames.BINARY;
        ByteBuf frame = MessageFrames.message(kind, bytes, 0, bytes.length, to.deflateWindowBits());
        to.answer(frame, bytes.length);
    }

    @Override
    public void writable() {}

    @Override
    public void drain(long afterMillis) {}

    @Override
    public void gone() {}
}
