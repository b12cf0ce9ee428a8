package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.switchboard.security.keys.Algorithm;
import io.switchboard.security.minting.SigningKey;
import io.switchboard.security.minting.TokenDraft;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Requests whose token cannot be judged at once, as the keys have to be fetched first. */
@Tag("slow")
final class SlowKeysTest {
    private static final String V1 = "Sec-WebSocket-Protocol: switchboard.v1";
    private static final long LIFE_MILLIS = 60_000;
    private static final int H3_REQUEST_CANCELLED = 0x10c;

    private final SigningKey key = SigningKey.make(Algorithm.EDDSA);
    private final CountDownLatch keysAreGiven = new CountDownLatch(1);
    private HttpServer issuer;
    private String bearer;
    private String token;

    @BeforeEach
    void start() throws Exception {
        TokenDraft draft = new TokenDraft(
                "alice",
                List.of("**"),
                List.of("**"),
                List.of("**"),
                false,
                LIFE_MILLIS,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        token = key.sign(draft.claims(System.currentTimeMillis()));
        bearer = Tokens.bearer(token);
        issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        issuer.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    }

    @AfterEach
    void stop() {
        keysAreGiven.countDown();
        issuer.stop(0);
    }

    private TestServer server(String... more) {
        return TestServer.start(settings(more));
    }

    private String[] settings(String... more) {
        issuer.start();
        String url = "http://127.0.0.1:" + issuer.getAddress().getPort() + "/keys";
        String[] settings = new String[more.length + 2];
        settings[0] = "auth.jwks";
        settings[1] = url;
        System.arraycopy(more, 0, settings, 2, more.length);
        return settings;
    }

    private void answersWhenTold() {
        byte[] keys = key.publicJwks().orElseThrow().getBytes(StandardCharsets.UTF_8);
        issuer.createContext("/keys", exchange -> {
            try {
                keysAreGiven.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.sendResponseHeaders(200, keys.length);
            exchange.getResponseBody().write(keys);
            exchange.close();
        });
    }

    @Test
    void withoutKeysNobodyIsJudgedAndEverybodyComesBack() {
        issuer.createContext("/keys", exchange -> {
            exchange.sendResponseHeaders(500, -1);
            exchange.close();
        });
        try (TestServer server = server();
                RawClient raw = server.raw();
                FrameClient line = FrameClient.open(server.port(), "/live", V1)) {
            RawClient.Answer answer = raw.ask("GET /v1/stream/c", bearer).answer();
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.header("Retry-After")).isNotNull();
            assertThat(answer.header("WWW-Authenticate")).isNull();
            line.text("{\"id\":1,\"action\":\"auth\",\"token\":\"" + token + "\"}");
            assertThat(line.nextText()).contains("\"unavailable\"");
            assertThat(line.nextClose().code()).isEqualTo(1013);
        }
    }

    @Test
    void requestsWaitForTheKeysAndThoseWhoLeftAreForgotten() {
        answersWhenTold();
        try (TestServer server = server("auth.firstMessage", "1s");
                RawClient stays = server.raw();
                RawClient half = server.raw();
                FrameClient line = FrameClient.open(server.port(), "/live", V1)) {
            // What is said behind it waits with it.
            line.text("{\"id\":1,\"action\":\"auth\",\"token\":\"" + token + "\"}")
                    .text("{\"id\":2,\"action\":\"ping\"}")
                    .text("{\"id\":3,\"action\":\"ping\",\"more\":\"" + "x".repeat(100_000) + "\"}");
            stays.ask("PUT /v1/stream/c", bearer, "Content-Type: application/json");
            half.ask("GET /v1/streams", bearer).endOutput();
            try (FrameClient gone = FrameClient.open(server.port(), "/live", V1);
                    RawClient leaves = server.raw()) {
                gone.text("{\"id\":1,\"action\":\"auth\",\"token\":\"" + token + "\"}");
                leaves.ask("GET /v1/stream/c?offset=now&live=sse", bearer);
                server.settle();
            }
            try (FrameClient silent = FrameClient.open(server.port(), "/live", V1)) {
                assertThat(silent.nextClose().code()).isEqualTo(4001); // and `line` came before it
            }
            keysAreGiven.countDown();
            assertThat(stays.answer().status()).isEqualTo(201);
            assertThat(half.answer().status()).isEqualTo(200);
            assertThat(line.nextText()).isEqualTo("{\"reply\":1,\"ok\":{}}");
            assertThat(line.nextText()).isEqualTo("{\"reply\":2,\"ok\":{}}");
            assertThat(line.nextText()).isEqualTo("{\"reply\":3,\"ok\":{}}"); // too large for a first message
            server.awaitConnections(3, 3, Duration.ofSeconds(10)); // `stays`, `line` and that of settle
        }
    }

    /** QUIC has room again as soon as a stream is reset, though its request is being looked at yet. */
    @Test
    void whoLeavesBeforeItIsJudgedKeepsItsPlaceUntilItIs() {
        long rejected = 0x10b; // RFC 9114, section 8.1
        answersWhenTold();
        try (TestServer server = TlsFiles.start(settings("http3", "on", "limits.streamsPerConnection", "3"));
                Http3Client client = Http3Client.connect(server.port());
                Http3Client sibling = Http3Client.connect(server.port())) {
            for (int i = 0; i < 2; i++) {
                Http3Client.Stream leaves =
                        client.connectTo("/live", "sec-websocket-version", "13", "authorization", "Bearer " + token);
                server.settle();
                leaves.channel().shutdown(H3_REQUEST_CANCELLED);
                server.settle();
            }
            Http3Client.Stream stays = client.ask("GET", "/v1/streams", "authorization", "Bearer " + token);
            assertThat(client.ask("GET", "/health/live").resetWith()).isEqualTo(rejected);
            assertThat(sibling.ask("GET", "/v1/streams").answer().status()).isEqualTo(401);
            keysAreGiven.countDown();
            assertThat(stays.answer().status()).isEqualTo(200);
        }
    }

    @Test
    void aServerThatGoesDownMeanwhileAnswersAllTheSame() throws Exception {
        answersWhenTold();
        TestServer server = server();
        try (RawClient raw = server.raw()) {
            raw.ask("PUT /v1/stream/c", bearer, "Content-Type: application/json");
            server.settle();
            Thread stop = Thread.ofVirtual().start(() -> server.server().stop(Duration.ofSeconds(5)));
            await().until(() -> isDraining(server));
            keysAreGiven.countDown();
            RawClient.Answer answer = raw.answer();
            assertThat(answer.status()).isEqualTo(201);
            assertThat(answer.closes()).isTrue();
            stop.join();
        } finally {
            server.close();
        }
    }

    private static boolean isDraining(TestServer server) {
        try (RawClient raw = server.raw()) {
            return raw.ask("GET /health/ready").answer().status() == 503;
        }
    }
}
