package io.switchboard.http.socket;

import io.netty.buffer.ByteBuf;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.http.Occupation;
import io.switchboard.http.Responder;
import io.switchboard.http.Socket;
import io.switchboard.http.SocketOwner;
import io.switchboard.http.websocket.CloseCode;
import io.switchboard.http.websocket.Frames;
import io.switchboard.http.websocket.Handshake;
import org.jspecify.annotations.Nullable;

/** {@code ?echo}: returns what it gets, for tests and ping tools. Nothing is appended. */
final class EchoSocket implements SocketOwner {
    private final ChannelName channel;
    private @Nullable Socket socket;

    private EchoSocket(ChannelName channel) {
        this.channel = channel;
    }

    static void open(ChannelName channel, Handshake handshake, Responder responder) {
        responder.upgrade(handshake, null, new EchoSocket(channel));
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
    public void expiring(long millis) {}

    @Override
    public void expire() {
        if (socket != null) socket.close(CloseCode.EXPIRED, "The token of this connection has expired.");
    }

    @Override
    public Occupation occupation() {
        return Occupation.of("echo", channel.value(), false);
    }

    @Override
    public void gone() {}
}
