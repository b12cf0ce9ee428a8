package io.switchboard.cli;

import io.switchboard.server.StartFailure;
import io.switchboard.server.Switchboard;
import io.switchboard.server.config.Settings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** A server within the test that can be stopped and started again at the same address; and requests to it. */
final class ChannelServer implements AutoCloseable {
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Map<String, String> settings;
    private String authorization = "";
    private Switchboard server;
    private final String url;

    private ChannelServer(Map<String, String> settings) {
        this.settings = new HashMap<>(settings);
        this.server = open(settings);
        this.url = server.url();
        this.settings.put("port", String.valueOf(URI.create(url).getPort()));
    }

    static ChannelServer inMemory(String... more) {
        Map<String, String> settings = new HashMap<>(Map.of("port", "0", "store", "memory", "threads", "2"));
        for (int i = 0; i < more.length; i += 2) settings.put(more[i], more[i + 1]);
        return new ChannelServer(settings);
    }

    /** One that asks for tokens, and the token of this class's own requests. */
    static ChannelServer guarded(Path keys, String token) {
        ChannelServer server = inMemory("auth.keys", keys.toString());
        server.authorization = "Bearer " + token;
        return server;
    }

    static ChannelServer onDisk(Path data) {
        return new ChannelServer(Map.of("port", "0", "data", data.toString(), "threads", "2"));
    }

    private static Switchboard open(Map<String, String> settings) {
        try {
            return Switchboard.start(Settings.with(settings));
        } catch (StartFailure e) {
            throw new AssertionError(e);
        }
    }

    String url() {
        return url;
    }

    void stop() {
        server.stop(Duration.ZERO);
    }

    void startAgain() {
        server = open(settings);
    }

    void create(String channel, String type) {
        send(201, request(channel).header("Content-Type", type).PUT(HttpRequest.BodyPublishers.noBody()));
    }

    /** Appends; returns the offset after it. */
    String append(String channel, String type, String body) {
        return send(204, request(channel).header("Content-Type", type).POST(HttpRequest.BodyPublishers.ofString(body)))
                .headers()
                .firstValue("Stream-Next-Offset")
                .orElseThrow();
    }

    void closeChannel(String channel) {
        send(204, request(channel).header("Stream-Closed", "true").POST(HttpRequest.BodyPublishers.noBody()));
    }

    void delete(String channel) {
        send(204, request(channel).DELETE());
    }

    String read(String channel) {
        return send(200, request(channel)).body();
    }

    HttpResponse<String> head(String channel) {
        return send(200, request(channel).method("HEAD", HttpRequest.BodyPublishers.noBody()));
    }

    private HttpRequest.Builder request(String channel) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + "/v1/stream/" + channel));
        return authorization.isEmpty() ? request : request.header("Authorization", authorization);
    }

    private HttpResponse<String> send(int status, HttpRequest.Builder request) {
        try {
            HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != status) throw new AssertionError(answer + ": " + answer.body());
            return answer;
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        stop();
    }
}
