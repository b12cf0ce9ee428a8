package io.switchboard.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests with a token that is renewed while they are under way. */
class LinkTest {
    private static final String STALE = "stale";
    private static final String GOOD = "good";

    @TempDir
    Path folder = Path.of("");

    private final List<String> shown = new CopyOnWriteArrayList<>();
    private String renewed = GOOD;
    private Path file = Path.of("");
    private HttpServer server = server();

    private static HttpServer server() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void start() throws IOException {
        file = Files.writeString(folder.resolve("token"), STALE);
        server.createContext("/", exchange -> {
            String token = exchange.getRequestHeaders().getFirst(Link.AUTHORIZATION);
            shown.add(token);
            Files.writeString(file, renewed);
            exchange.sendResponseHeaders(token.equals(Link.bearer(GOOD)) ? 204 : 401, -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    @Test
    void whatWasRefusedIsSentAgainWithTheTokenThatCameMeanwhile() throws Exception {
        try (Link link = new Link(Credentials.in(file))) {
            assertThat(link.send(Link.request(uri())).statusCode()).isEqualTo(204);
            Files.writeString(file, STALE);
            HttpResponse<InputStream> opened = link.open(Link.request(uri()));
            assertThat(opened.statusCode()).isEqualTo(204);
            opened.body().close();
        }
        assertThat(shown).containsExactly("Bearer stale", "Bearer good", "Bearer stale", "Bearer good");
    }

    @Test
    void whatIsRefusedIsSentAgainOnce() throws Exception {
        renewed = "wrong";
        try (Link link = new Link(Credentials.in(file))) {
            assertThat(link.send(Link.request(uri())).statusCode()).isEqualTo(401);
            assertThat(link.send(Link.request(uri())).statusCode()).isEqualTo(401);
        }
        assertThat(shown).containsExactly("Bearer stale", "Bearer wrong", "Bearer wrong");
    }

    @Test
    void anEmptiedOrMissingFileLeavesTheTokenThatWasThere() throws Exception {
        Files.writeString(file, GOOD);
        try (Link link = new Link(Credentials.in(file))) {
            renewed = "";
            assertThat(link.send(Link.request(uri())).statusCode()).isEqualTo(204);
            assertThat(link.send(Link.request(uri())).statusCode()).isEqualTo(204);
            Files.delete(file);
            assertThat(link.send(Link.request(uri())).statusCode()).isEqualTo(204);
        }
    }
}
