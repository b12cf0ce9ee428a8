package io.switchboard.server;

import io.netty.handler.codec.http3.Http3Headers;
import io.switchboard.server.RawClient.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The same over HTTP/3. One thread. */
final class Http3Conversation implements Conversation {
    private final Http3Network network;
    private Http3Network.@Nullable Answered answered;

    Http3Conversation(Http3Network network) {
        this.network = network;
    }

    @Override
    public Conversation ask(String requestLine, String... fields) {
        String[] parts = requestLine.split(" ", 2);
        return send(Http3Client.head(parts[0], "localhost", parts[1]), new byte[0], fields);
    }

    @Override
    public Conversation post(String channel, String type, String body, String... fields) {
        Http3Headers head = Http3Client.head("POST", "localhost", "/v1/stream/" + channel, "content-type", type);
        return send(head, body.getBytes(StandardCharsets.UTF_8), fields);
    }

    private Conversation send(Http3Headers head, byte[] body, String... fields) {
        close();
        answered = network.ask(Http3Network.with(head, fields), body);
        return this;
    }

    private Http3Network.Answered answered() {
        if (answered == null) throw new IllegalStateException("nothing was asked");
        return answered;
    }

    @Override
    public Answer head() {
        return answered().head("");
    }

    @Override
    public Answer answer() {
        try {
            return answered().head(new String(answered().content().readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public int read(byte[] bytes, int max) {
        try {
            return Math.max(0, answered().content().read(bytes, 0, max));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public byte[] chunk() {
        throw new AssertionError("HTTP/3 has no chunks");
    }

    @Override
    public void close() {
        if (answered != null) answered.close();
        answered = null;
    }
}
