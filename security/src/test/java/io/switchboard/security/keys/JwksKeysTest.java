package io.switchboard.security.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.switchboard.security.keys.KeySource.Look;
import io.switchboard.security.minting.SigningKey;
import io.switchboard.testkit.ManualTicker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class JwksKeysTest {
    private static final Duration REFRESH = Duration.ofMinutes(5);

    /** What the server does with a request. */
    private interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    private final ManualTicker ticker = new ManualTicker(1_800_000_000_000L);
    private final ExecutorService serverThreads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger asked = new AtomicInteger();
    private final Set<String> paths = ConcurrentHashMap.newKeySet();
    private final HttpServer server = server();
    private volatile Answer answer = body(jwks(Algorithm.EDDSA));

    private static HttpServer server() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void start() {
        server.setExecutor(serverThreads);
        server.createContext("/", exchange -> {
            asked.incrementAndGet();
            paths.add(exchange.getRequestURI().getPath());
            try (exchange) {
                answer.to(exchange);
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        serverThreads.shutdownNow();
    }

    private static String jwks(Algorithm algorithm) {
        return SigningKey.make(algorithm).publicJwks().orElseThrow();
    }

    private static Answer body(String text) {
        return exchange -> {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        };
    }

    private static Answer status(int status) {
        return exchange -> {
            exchange.getResponseHeaders().add("Location", "/elsewhere");
            exchange.sendResponseHeaders(status, -1);
        };
    }

    private URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/jwks");
    }

    // Each fetch within the tick that starts it.
    private JwksKeys inline() {
        return new JwksKeys(url(), REFRESH, ticker, Runnable::run, Duration.ofMillis(700));
    }

    private static void mustNotBeCalled() {
        throw new AssertionError("called, though nothing was under way");
    }

    @Test
    void keysAreFetchedAtTheStartAndAtIntervals() {
        try (JwksKeys keys = inline()) {
            assertThat(keys.current()).isNull();
            keys.tick();
            KeyRing first = keys.current();
            assertThat(first).isNotNull();
            ticker.advance(REFRESH.toMillis() - 1);
            keys.tick();
            assertThat(asked).hasValue(1);
            answer = body(jwks(Algorithm.ES256));
            ticker.advance(1);
            keys.tick();
            assertThat(asked).hasValue(2);
            assertThat(keys.current()).isNotSameAs(first);
        }
    }

    @Test
    void whateverElseTheServerAnswersLeavesTheKeysFromBefore() {
        List<Answer> outages = List.of(
                status(500),
                status(404),
                status(204),
                status(302),
                body(""),
                body("<html>"),
                body("{\"keys\":[]}"),
                body(SigningKey.make(Algorithm.HS256).privateJwks()),
                body("{\"keys\":[" + " ".repeat(KeyFormat.BYTES_MAX) + "]}"),
                exchange -> exchange.sendResponseHeaders(200, 100),
                exchange -> {
                    // Without end, and without a length that would tell.
                    exchange.sendResponseHeaders(200, 0);
                    byte[] much = new byte[64 << 10];
                    for (int i = 0; i < 1_000; i++) exchange.getResponseBody().write(much);
                });
        try (JwksKeys keys = inline()) {
            for (Answer outage : outages) {
                answer = outage;
                ticker.advance(JwksKeys.RETRY_MILLIS);
                keys.tick();
                assertThat(keys.current()).isNull();
            }
            assertThat(paths).as("a redirect is not followed").containsOnly("/jwks");
            answer = body(jwks(Algorithm.EDDSA));
            ticker.advance(JwksKeys.RETRY_MILLIS);
            keys.tick();
            KeyRing good = keys.current();
            assertThat(good).isNotNull();
            ticker.advance(REFRESH.toMillis());
            for (Answer outage : outages) {
                answer = outage;
                keys.tick();
                assertThat(keys.current()).isSameAs(good);
                ticker.advance(JwksKeys.RETRY_MILLIS);
            }
        }
    }

    @Test
    @Tag("slow")
    void serverThatIsSlowIsNotWaitedForLong() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (JwksKeys keys = inline()) {
            answer = exchange -> awaitEnd(end);
            keys.tick();
            assertThat(keys.current()).isNull();
            // Headers come at once, and then the body a little and no more.
            answer = exchange -> {
                exchange.sendResponseHeaders(200, 1_000);
                exchange.getResponseBody().write('{');
                exchange.getResponseBody().flush();
                awaitEnd(end);
            };
            ticker.advance(JwksKeys.FIRST_RETRY_MILLIS);
            keys.tick();
            assertThat(keys.current()).isNull();
            assertThat(asked).hasValue(2);
            end.countDown();
            answer = body(jwks(Algorithm.EDDSA));
            ticker.advance(JwksKeys.FIRST_RETRY_MILLIS);
            keys.tick();
            assertThat(keys.current()).isNotNull();
        } finally {
            end.countDown();
        }
    }

    private static void awaitEnd(CountDownLatch end) {
        try {
            end.await();
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void unknownKeyIsLookedForAtMostEveryThirtySeconds() {
        try (JwksKeys keys = inline()) {
            keys.tick();
            KeyRing first = keys.current();
            answer = body(jwks(Algorithm.ES256));
            assertThat(keys.lookAgain(JwksKeysTest::mustNotBeCalled)).isEqualTo(Look.NOT_NOW);
            ticker.advance(JwksKeys.RETRY_MILLIS);
            AtomicInteger called = new AtomicInteger();
            assertThat(keys.lookAgain(called::incrementAndGet)).isEqualTo(Look.UNDER_WAY);
            assertThat(called).hasValue(1);
            assertThat(keys.current()).isNotSameAs(first);
            assertThat(keys.lookAgain(JwksKeysTest::mustNotBeCalled)).isEqualTo(Look.NOT_NOW);
            assertThat(asked).hasValue(2);
        }
    }

    @Test
    void onlySoManyWaitForAFetchAndAllOfThemHearOfItsEnd() {
        List<Runnable> fetches = new ArrayList<>();
        try (JwksKeys keys = new JwksKeys(url(), REFRESH, ticker, fetches::add, Duration.ofSeconds(10))) {
            AtomicInteger called = new AtomicInteger();
            for (int i = 0; i < JwksKeys.WAITING_MAX; i++) {
                assertThat(keys.lookAgain(called::incrementAndGet)).isEqualTo(Look.UNDER_WAY);
            }
            assertThat(keys.lookAgain(JwksKeysTest::mustNotBeCalled)).isEqualTo(Look.CROWDED);
            keys.tick();
            assertThat(fetches).hasSize(1);
            fetches.removeFirst().run();
            assertThat(called).hasValue(JwksKeys.WAITING_MAX);
            assertThat(asked).hasValue(1);
        }
    }

    @Test
    void endOfTheServerEndsAFetchThatIsUnderWay() {
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger called = new AtomicInteger();
        try {
            answer = exchange -> awaitEnd(end);
            JwksKeys keys = new JwksKeys(
                    url(), REFRESH, ticker, task -> Thread.ofVirtual().start(task), Duration.ofMinutes(5));
            assertThat(keys.lookAgain(called::incrementAndGet)).isEqualTo(Look.UNDER_WAY);
            await().untilAsserted(() -> assertThat(asked).hasValue(1));
            keys.close();
            await().untilAsserted(() -> assertThat(called).hasValue(1));
        } finally {
            end.countDown();
        }
    }
}
