package io.switchboard.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.security.keys.Algorithm;
import io.switchboard.security.minting.SigningKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tokens are fetched, renewed in place, and given up when they are refused. */
@Tag("slow")
class TokensTest {
    private static final double SECOND = 1_000.0;
    private static final long LONG_MILLIS = 600_000;

    @TempDir
    private Path folder;

    private final SigningKey key = SigningKey.make(Algorithm.EDDSA);
    private final Recorder recorder = new Recorder();
    private final List<SwitchboardException> unauthorized = new CopyOnWriteArrayList<>();
    private final AtomicInteger given = new AtomicInteger();
    private Node node;

    @BeforeEach
    void start() throws Exception {
        Path keys = folder.resolve("keys.json");
        Files.writeString(keys, key.publicJwks().orElseThrow());
        node = Node.start("auth.keys", keys.toString(), "auth.clockSkew", "1s");
        node.with(token("root", LONG_MILLIS));
        node.create("c", Node.JSON);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private String token(String subject, long lifeMillis) {
        Map<String, Object> claims = new HashMap<>();
        long now = System.currentTimeMillis();
        claims.put("sub", subject);
        claims.put("iat", now / SECOND);
        claims.put("exp", (now + lifeMillis) / SECOND);
        claims.put("jti", subject + "-" + given.incrementAndGet());
        claims.put("admin", subject.equals("root"));
        List<String> all = subject.equals("stranger") ? List.of("other") : List.of("**");
        claims.put("channels", Map.of("read", all, "write", all, "manage", all));
        try {
            return key.sign(claims);
        } catch (io.switchboard.security.keys.KeyException e) {
            throw new AssertionError(e);
        }
    }

    private Switchboard connect(Transport transport, TokenSource tokens) {
        return Switchboard.connect(
                node.url(),
                Options.defaults().transports(Set.of(transport)).tokens(tokens).onUnauthorized(unauthorized::add));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "POLLING") // which is as long-poll here, and slower
    void aTokenIsRenewedBeforeItEndsAndNothingIsMissed(Transport transport) throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (Switchboard client = connect(transport, () -> {
            asked.incrementAndGet();
            return CompletableFuture.completedFuture(token("ann", 1_200));
        })) {
            client.channel("c").subscribe("-1", recorder);
            int n = 0;
            while (asked.get() < 3) {
                node.append("c", Node.JSON, Integer.toString(n++));
                int wanted = n;
                Awaiting.until(Recorder.PATIENCE, () -> recorder.messages.size() == wanted, recorder.told::toString);
                client.channel("other")
                        .publish("1")
                        .exceptionally(notThere -> null)
                        .get(10, TimeUnit.SECONDS);
            }
            assertThat(asked.get()).isLessThan(6); // not more often than needed
            assertThat(recorder.told).doesNotContain("gap");
            assertThat(recorder.states).doesNotContain(State.OFFLINE);
        }
        assertThat(unauthorized).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "POLLING") // which is as long-poll here, and slower
    void oneThatIsNotAcceptedIsReplacedOnceAndThenItIsOver(Transport transport) {
        AtomicInteger asked = new AtomicInteger();
        try (Switchboard client = connect(transport, () -> {
            boolean first = asked.incrementAndGet() == 1;
            return CompletableFuture.completedFuture(first ? "not.a.token" : token("ann", LONG_MILLIS));
        })) {
            node.append("c", Node.JSON, "1");
            client.channel("c").subscribe("-1", recorder);
            recorder.await(1);
        }
        AtomicInteger again = new AtomicInteger();
        try (Switchboard client = connect(transport, () -> {
            again.incrementAndGet();
            return CompletableFuture.completedFuture("still.no.token");
        })) {
            Recorder refused = new Recorder();
            client.channel("c").subscribe("-1", refused);
            refused.awaitEnd();
            assertThat(refused.ends.getFirst().error().orElseThrow().code()).isEqualTo("unauthorized");
            assertThat(again).hasValue(2);
            Awaiting.until(Recorder.PATIENCE, () -> unauthorized.size() == 1, unauthorized::toString);
            assertThat(client.status().state()).isEqualTo(State.OFFLINE);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "POLLING") // which is as long-poll here, and slower
    void whoeverIsRevokedIsOut(Transport transport) {
        String token = token("mallory", LONG_MILLIS);
        try (Switchboard client = connect(transport, () -> CompletableFuture.completedFuture(token))) {
            client.channel("c").subscribe("-1", recorder);
            recorder.awaitState(State.LIVE);
            assertThat(node.ask("DELETE", "/v1/sessions?sub=mallory", "").statusCode())
                    .isEqualTo(204);
            recorder.awaitEnd();
            assertThat(recorder.ends.getFirst().kind()).isEqualTo(End.Kind.REFUSED);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "POLLING") // which is as long-poll here, and slower
    void whatATokenDoesNotAllowEndsThatSubscriptionAlone(Transport transport) throws Exception {
        node.create("other", Node.JSON);
        String token = token("stranger", LONG_MILLIS);
        try (Switchboard client = connect(transport, () -> CompletableFuture.completedFuture(token))) {
            Recorder other = new Recorder();
            client.channel("other").subscribe("-1", other);
            client.channel("c").subscribe("-1", recorder);
            recorder.awaitEnd();
            assertThat(recorder.ends.getFirst().error().orElseThrow().code()).isEqualTo("forbidden");
            node.append("other", Node.JSON, "1");
            other.await(1);
            CompletableFuture<Published> forbidden = client.channel("c").publish("1");
            assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> forbidden.get(10, TimeUnit.SECONDS)))
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageContaining("token");
        }
    }

    @Test
    void theApplicationIsAskedOnceAtATimeAndAgainIfItFails() {
        AtomicInteger under = new AtomicInteger();
        AtomicInteger asked = new AtomicInteger();
        CompletableFuture<String> slow = new CompletableFuture<>();
        try (Switchboard client = connect(Transport.SSE, () -> {
            assertThat(under.incrementAndGet()).isEqualTo(1);
            if (asked.incrementAndGet() == 1) {
                under.decrementAndGet();
                throw new IllegalStateException("the issuer is away");
            }
            return slow.whenComplete((token, failed) -> under.decrementAndGet());
        })) {
            client.channel("c").subscribe("-1", recorder);
            CompletableFuture<Published> published = client.channel("c").publish("1");
            Awaiting.until(Recorder.PATIENCE, () -> asked.get() == 2, asked::toString);
            slow.complete(token("ann", LONG_MILLIS));
            recorder.await(1);
            assertThat(published).succeedsWithin(Recorder.PATIENCE);
            assertThat(asked).hasValue(2);
        }
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void whileAnotherTokenIsAwaitedTheOldOneIsNotShownAgainAndAgain(Transport transport) {
        AtomicInteger asked = new AtomicInteger();
        try (Proxy proxy = new Proxy(node.port(), 3);
                Switchboard client = Switchboard.connect(
                        proxy.url(),
                        Options.defaults().transports(Set.of(transport)).tokens(() -> {
                            if (asked.incrementAndGet() == 1) return CompletableFuture.completedFuture("not.a.token");
                            return CompletableFuture.supplyAsync(
                                    () -> token("ann", LONG_MILLIS),
                                    CompletableFuture.delayedExecutor(500, TimeUnit.MILLISECONDS));
                        }))) {
            node.append("c", Node.JSON, "1");
            client.channel("c").subscribe("-1", recorder);
            recorder.await(1);
            assertThat(proxy.connections.get()).isLessThan(5);
        }
    }

    @Test
    void noTokenAnyMoreIsTheEnd() {
        try (Switchboard client = connect(Transport.SSE, () -> CompletableFuture.completedFuture(""))) {
            client.channel("c").subscribe("-1", recorder);
            recorder.awaitEnd();
            assertThat(recorder.ends.getFirst().error().orElseThrow().code()).isEqualTo("unauthorized");
        }
    }
}
