package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.RawClient.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The same by a client that others wrote, over HTTP/2: whoever has the same client shares a connection. One thread. */
final class Http2Conversation implements Conversation {
    private final HttpClient client;
    private final String url;
    private @Nullable HttpResponse<InputStream> response;

    /** @param client one that agrees on HTTP/2 */
    Http2Conversation(HttpClient client, String url) {
        this.client = client;
        this.url = url;
    }

    @Override
    public Conversation ask(String requestLine, String... fields) {
        String[] parts = requestLine.split(" ", 2);
        return send(parts[0], parts[1], BodyPublishers.noBody(), fields);
    }

    @Override
    public Conversation post(String channel, String type, String body, String... fields) {
        String[] all = new String[fields.length + 1];
        all[0] = "Content-Type: " + type;
        System.arraycopy(fields, 0, all, 1, fields.length);
        return send("POST", "/v1/stream/" + channel, BodyPublishers.ofString(body), all);
    }

    private Conversation send(String method, String target, BodyPublisher body, String... fields) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url + target)).method(method, body);
        for (String field : fields) {
            String[] parts = field.split(": ", 2);
            request.header(parts[0], parts[1]);
        }
        try {
            close();
            response = client.send(request.build(), BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
        return this;
    }

    private HttpResponse<InputStream> response() {
        if (response == null) throw new IllegalStateException("nothing was asked");
        return response;
    }

    @Override
    public Answer head() {
        return answer("");
    }

    private Answer answer(String body) {
        List<String> headers = new ArrayList<>();
        response().headers().map().forEach((name, values) -> {
            for (String value : values) headers.add(name + ": " + value);
        });
        return new Answer("HTTP/2.0 " + response().statusCode(), headers, body);
    }

    @Override
    public Answer answer() {
        try {
            return answer(new String(response().body().readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public int read(byte[] bytes, int max) {
        try {
            return Math.max(0, response().body().read(bytes, 0, max));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public byte[] chunk() {
        throw new AssertionError("HTTP/2 has no chunks");
    }

    /** Resets the stream of an answer that was not read to its end. */
    @Override
    public void close() {
        try {
            if (response != null) response.body().close();
            response = null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
