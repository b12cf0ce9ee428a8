package io.switchboard.client;

import io.switchboard.server.StartFailure;
import io.switchboard.server.config.Settings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** A real server within the test, which can be restarted in its folder and on its port; and requests to it. */
final class Node implements AutoCloseable {
    static final String JSON = "application/json";

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Map<String, String> settings;
    private io.switchboard.server.Switchboard server;
    private String bearer = "";

    private Node(Map<String, String> settings) {
        this.settings = settings;
        server = run();
        settings.put("port", Integer.toString(port()));
    }

    /** With channels in memory. */
    static Node start(String... more) {
        return new Node(settings(Map.of("store", "memory"), more));
    }

    /** With channels in a folder, so that they outlive a restart. */
    static Node in(Path folder, String... more) {
        return new Node(settings(Map.of("store", "rocksdb", "data", folder.toString()), more));
    }

    private static Map<String, String> settings(Map<String, String> first, String... more) {
        Map<String, String> all = new HashMap<>(first);
        all.put("port", "0");
        all.put("threads", "2");
        for (int i = 0; i < more.length; i += 2) all.put(more[i], more[i + 1]);
        return all;
    }

    private io.switchboard.server.Switchboard run() {
        try {
            return io.switchboard.server.Switchboard.start(Settings.with(settings));
        } catch (StartFailure e) {
            throw new AssertionError(e);
        }
    }

    /** Requests carry this token from now on. */
    Node with(String token) {
        bearer = "Bearer " + token;
        return this;
    }

    URI url() {
        return URI.create(server.url());
    }

    int port() {
        return url().getPort();
    }

    void stop(Duration drain) {
        server.stop(drain);
    }

    void restart(Duration drain) {
        stop(drain);
        server = run();
    }

    HttpResponse<String> ask(String method, String target, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url() + target))
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) request.headers(headers);
        if (!bearer.isEmpty()) request.header("Authorization", bearer);
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private void expect(HttpResponse<String> answer, int... good) {
        for (int status : good) if (answer.statusCode() == status) return;
        throw new AssertionError(answer + ": " + answer.body());
    }

    void create(String channel, String type) {
        expect(ask("PUT", "/v1/stream/" + channel, "", "Content-Type", type), 200, 201);
    }

    /** Returns the offset after it. */
    String append(String channel, String type, String message) {
        HttpResponse<String> answer = ask("POST", "/v1/stream/" + channel, message, "Content-Type", type);
        expect(answer, 204);
        return answer.headers().firstValue("Stream-Next-Offset").orElseThrow();
    }

    void closeChannel(String channel) {
        expect(ask("POST", "/v1/stream/" + channel, "", "Stream-Closed", "true"), 204);
    }

    void delete(String channel) {
        expect(ask("DELETE", "/v1/stream/" + channel, ""), 204);
    }

    @Override
    public void close() {
        http.close();
        server.stop(Duration.ZERO);
    }
}
