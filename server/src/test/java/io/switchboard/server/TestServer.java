package io.switchboard.server;

import static org.awaitility.Awaitility.await;

import io.switchboard.core.nodes.Membership.Lease;
import io.switchboard.server.config.Settings;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A whole server within the test, on a free port, with channels in memory; and the common requests to it. */
final class TestServer implements AutoCloseable {
    static final String JSON = "application/json";
    static final String TEXT = "text/plain";
    static final String BYTES = "application/octet-stream";

    private final HttpClient client;
    private final Switchboard server;
    private final @Nullable SSLContext trust;
    private @Nullable HttpClient overHttp2; // made when first asked for
    private @Nullable Http3Network overHttp3; // where it is to be used

    private TestServer(Switchboard server, @Nullable SSLContext trust) {
        this.server = server;
        this.trust = trust;
        HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
        client = (trust == null ? builder : builder.sslContext(trust)).build();
    }

    /** @param settings beside port and store, as keys and values by turns */
    static TestServer start(String... settings) {
        return start(settings(settings));
    }

    private static Settings settings(String... settings) {
        Map<String, String> values = new HashMap<>(Map.of("port", "0", "store", "memory", "threads", "2"));
        for (int i = 0; i < settings.length; i += 2) values.put(settings[i], settings[i + 1]);
        return Settings.with(values);
    }

    /** @param lease how long this node may be silent */
    static TestServer start(Lease lease, String... settings) {
        try {
            return new TestServer(Switchboard.start(settings(settings), lease), null);
        } catch (StartFailure e) {
            throw new AssertionError(e);
        }
    }

    static TestServer start(Settings settings) {
        return start(settings, null);
    }

    /** @param trust whom its clients believe; null for a server without TLS */
    static TestServer start(Settings settings, @Nullable SSLContext trust) {
        try {
            return new TestServer(Switchboard.start(settings), trust);
        } catch (StartFailure e) {
            throw new AssertionError(e);
        }
    }

    /** Waits until so many connections are open, those of the HTTP client with them. */
    void awaitConnections(int atLeast, int atMost) {
        awaitConnections(atLeast, atMost, Duration.ofSeconds(10));
    }

    void awaitConnections(int atLeast, int atMost, Duration patience) {
        await().pollInterval(Duration.ofMillis(10)).atMost(patience).until(() -> {
            int open = server.openConnections();
            return open >= atLeast && open <= atMost;
        });
    }

    /** Returns when what other connections sent before has been read: the loops take sockets by turns. */
    void settle() {
        for (int i = 0; i < 20; i++) get("/health/live");
    }

    Switchboard server() {
        return server;
    }

    int port() {
        return URI.create(server.url()).getPort();
    }

    RawClient raw() {
        return RawClient.connect(port());
    }

    /**
     * Has those who talk with it, and the WebSockets, come over HTTP/3, by a network that loses packets.
     *
     * @param loss each way, 0 to 1
     */
    TestServer overHttp3(double loss, long seed) {
        overHttp3 = new Http3Network(port(), loss, seed);
        return this;
    }

    /** Stops without a word, and whoever talks with it over HTTP/3 finds nobody there. */
    void halt() {
        leave(Duration.ZERO);
    }

    /** Stops, and lets those who are there go in so much time. */
    void leave(Duration drain) {
        if (overHttp3 != null) overHttp3.leave();
        server.stop(drain);
        if (overHttp3 != null) overHttp3.close();
    }

    /** Whether it has said GOAWAY to those who talk with it over HTTP/3; false where nobody does. */
    boolean saysGoAway() {
        return overHttp3 != null && overHttp3.isToldToGo();
    }

    /** Whether it is there, behind a network in which so much may get lost that a connection ends. */
    boolean losesConnections() {
        return overHttp3 != null && !overHttp3.isClosed();
    }

    /** Packets that were lost on the way; fails if it is not asked over HTTP/3. */
    int lostPackets() {
        if (overHttp3 == null) throw new IllegalStateException("not over HTTP/3");
        return overHttp3.lost();
    }

    /** Somebody to talk with: over HTTP/2 where the server speaks TLS, all of them on one connection; else over HTTP/1.1. */
    synchronized Conversation talk() {
        if (overHttp3 != null) return new Http3Conversation(overHttp3);
        if (trust == null) return raw();
        if (overHttp2 == null)
            overHttp2 = HttpClient.newBuilder().sslContext(trust).build();
        return new Http2Conversation(overHttp2, server.url());
    }

    /** A WebSocket, perhaps: over HTTP/2 where the server speaks TLS, on a connection of its own. */
    FrameClient askForSocket(String target, String... fields) {
        if (overHttp3 != null) return FrameClient.ask(overHttp3, target, fields);
        if (trust == null) return FrameClient.ask(port(), 0, target, fields);
        try {
            return FrameClient.ask(Http2Client.connect(port(), trust), target, fields);
        } catch (Http2Client.Ended e) { // while it connected
            throw new UncheckedIOException(new EOFException(e.getMessage()));
        }
    }

    EventClient events(String target, String... headers) {
        return EventClient.open(port(), target, headers);
    }

    HttpRequest.Builder request(String target) {
        return HttpRequest.newBuilder(URI.create(server.url() + target)).timeout(Duration.ofSeconds(20));
    }

    HttpResponse<byte[]> send(HttpRequest.Builder request) {
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    HttpResponse<byte[]> get(String target, String... headers) {
        HttpRequest.Builder request = request(target).GET();
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    String getText(String target) {
        return text(get(target));
    }

    /** Creates a channel, or fails. */
    void create(String channel, String type, String... headers) {
        HttpRequest.Builder request =
                request("/v1/stream/" + channel).header("Content-Type", type).PUT(HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) request.headers(headers);
        expect(send(request), 201);
    }

    /** Appends, or fails; returns the offset after it. */
    String append(String channel, String type, String message) {
        return append(channel, type, message.getBytes(StandardCharsets.UTF_8));
    }

    String append(String channel, String type, byte[] message) {
        HttpResponse<byte[]> response = send(request("/v1/stream/" + channel)
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofByteArray(message)));
        return header(expect(response, 204), "Stream-Next-Offset");
    }

    void closeChannel(String channel) {
        expect(
                send(request("/v1/stream/" + channel)
                        .header("Stream-Closed", "true")
                        .POST(HttpRequest.BodyPublishers.noBody())),
                204);
    }

    void delete(String channel) {
        expect(send(request("/v1/stream/" + channel).DELETE()), 204);
    }

    static String header(HttpResponse<?> response, String name) {
        return response.headers()
                .firstValue(name)
                .orElseThrow(() -> new AssertionError("no " + name + " in " + response.headers()));
    }

    static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    static HttpResponse<byte[]> expect(HttpResponse<byte[]> response, int status) {
        if (response.statusCode() != status) {
            throw new AssertionError(response + " instead of " + status + ": " + text(response));
        }
        return response;
    }

    @Override
    public void close() {
        client.close();
        if (overHttp2 != null) overHttp2.shutdownNow();
        halt();
    }
}
