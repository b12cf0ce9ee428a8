package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.server.Crowd.Reader;
import io.switchboard.server.Crowd.Way;
import io.switchboard.testkit.check.DeliveryChecker;
import io.switchboard.testkit.sse.EventStreamParser.Event;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Five thousand readers over every transport lose their tokens, half by the clock and half by revocation: all of them
 * are cut off with the right word and in time, and whoever may stay notices nothing. Client and server share a
 * process, of some 10,000 sockets.
 */
@Tag("slow")
class CrowdTest {
    private static final Logger LOG = LoggerFactory.getLogger(CrowdTest.class);

    private static final String CHANNEL = "crowd";
    /** Of each half. Those who poll ask again with each message, so there are fewer. */
    private static final Map<Way, Integer> HALF =
            Map.of(Way.LINE, 800, Way.SOCKET, 750, Way.EVENTS, 750, Way.LONG_POLL, 200);

    private static final int HALF_COUNT = 2_500;
    private static final int SUBJECTS = 4; // of those whose tokens expire
    private static final long APPEND_EVERY_MILLIS = 400;
    private static final long EXPIRY_MILLIS = 15_000; // long enough for all of them to come in before
    private static final long STAYING_MILLIS = 600_000;
    /** A second is promised; the machines that run this are shared. */
    private static final Duration END_MAX = Duration.ofSeconds(5);

    private static final int HANDLES_SLACK = 16;
    private static final int THREADS_SLACK = 4;
    private static final long MEMORY_SLACK = 64L << 20;

    /** What a process holds that others could want. */
    private record Held(long handles, int threads, long bytes) {
        static Held now() {
            System.gc();
            try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
                return new Held(
                        files.count(), ManagementFactory.getThreadMXBean().getThreadCount(), Memory.used());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        boolean isLike(Held before) {
            return handles <= before.handles + HANDLES_SLACK
                    && threads <= before.threads + THREADS_SLACK
                    && bytes <= before.bytes + MEMORY_SLACK;
        }
    }

    private record Appended(String offset, String payload) {}

    @Test
    @Timeout(120)
    void fiveThousandAreCutOffInTimeAndWhoMayStayMissesNothing(@TempDir Path folder) throws Exception {
        Tokens tokens = new Tokens(folder);
        String root = Tokens.bearer(tokens.of("root")
                .read("**")
                .write("**")
                .manage("**")
                .admin()
                .lives(STAYING_MILLIS)
                .sign());
        ConcurrentLinkedQueue<Appended> appended = new ConcurrentLinkedQueue<>();
        try (TestServer server = tokens.server();
                RawClient writing = server.raw();
                RawClient creating = server.raw();
                ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor()) {
            creating.ask("PUT /v1/stream/" + CHANNEL, root, "Content-Type: application/json");
            String beginning = offset(creating.answer(), 201);
            try (EventClient healthy = server.events("/v1/stream/" + CHANNEL + "?offset=-1", root)) {
                CompletableFuture<List<Event>> heard = new CompletableFuture<>();
                Thread listening =
                        Thread.ofPlatform().start(() -> heard.completeAsync(() -> toTheEnd(healthy), Runnable::run));
                Future<?> steady = writer.scheduleAtFixedRate(
                        () -> append(writing, root, appended), 0, APPEND_EVERY_MILLIS, TimeUnit.MILLISECONDS);
                server.settle();
                Held before = Held.now();

                cutOff(server, tokens, root);

                await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(Held.now())
                        .matches(now -> now.isLike(before), "like " + before));
                LOG.info("Held before: {}, after: {}", before, Held.now());
                steady.cancel(false);
                writer.shutdown();
                assertThat(writer.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
                creating.ask("POST /v1/stream/" + CHANNEL, root, "Stream-Closed: true", "Content-Length: 0");
                offset(creating.answer(), 204);
                listening.join();
                assertThat(appended).hasSizeGreaterThan(20);
                assertMissedNothing(beginning, List.copyOf(appended), heard.get());
            }
        }
    }

    private static void cutOff(TestServer server, Tokens tokens, String root) {
        try (Crowd crowd = new Crowd(server.port(), CHANNEL)) {
            String revoked =
                    tokens.of("mallory").read(CHANNEL).lives(STAYING_MILLIS).bearer();
            List<Reader> staying = new ArrayList<>();
            HALF.forEach((way, count) -> staying.addAll(crowd.enter(count, way, revoked)));

            long expiry = System.currentTimeMillis() + EXPIRY_MILLIS;
            List<Reader> expiring = new ArrayList<>();
            for (int i = 0; i < SUBJECTS; i++) {
                String bearer = tokens.of("guest-" + i)
                        .read(CHANNEL)
                        .with("exp", expiry / 1_000.0)
                        .bearer();
                HALF.forEach((way, count) -> expiring.addAll(crowd.enter(count / SUBJECTS, way, bearer)));
            }
            long expiresNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(expiry - System.currentTimeMillis());
            assertThat(List.of(staying, expiring)).allSatisfy(half -> {
                assertThat(half).hasSizeBetween(HALF_COUNT - 2 * SUBJECTS, HALF_COUNT);
                assertThat(half).allMatch(reader -> reader.end() == null);
            });
            assertThat(server.server().openConnections()).isGreaterThan(2 * HALF_COUNT - 2 * SUBJECTS);

            assertEnded("expired", expiring, expiresNanos, "4010");
            assertThat(staying).allMatch(reader -> reader.end() == null && reader.heard());

            try (RawClient admin = server.raw()) {
                admin.ask("DELETE /v1/sessions?sub=mallory", root);
                assertThat(admin.answer().status()).isEqualTo(204);
            }
            assertEnded("revoked", staying, System.nanoTime(), "4012");
        }
    }

    private static void assertEnded(String how, List<Reader> readers, long fromNanos, String code) {
        await().atMost(Duration.ofNanos(Math.max(0, fromNanos - System.nanoTime()))
                        .plus(END_MAX.multipliedBy(2)))
                .until(() -> readers.stream().allMatch(reader -> reader.end() != null));
        for (Reader reader : readers) {
            assertThat(reader.end())
                    .as("%s, %s", how, reader.way)
                    .isEqualTo(
                            switch (reader.way) {
                                case LINE, SOCKET -> code;
                                case EVENTS -> "end";
                                case LONG_POLL -> "401"; // its answer ends, and the next request gets that
                            });
        }
        Map<Way, Long> lasts = new EnumMap<>(Way.class);
        for (Reader reader : readers) {
            lasts.merge(reader.way, TimeUnit.NANOSECONDS.toMillis(reader.endNanos() - fromNanos), Math::max);
        }
        LOG.info("{} readers {}: after so many ms the last ones had ended: {}", readers.size(), how, lasts);
        assertThat(lasts.values()).allMatch(millis -> millis < END_MAX.toMillis());
    }

    private static void append(RawClient writing, String root, ConcurrentLinkedQueue<Appended> appended) {
        String payload = "{\"n\":" + appended.size() + "}";
        String offset =
                offset(writing.post(CHANNEL, TestServer.JSON, payload, root).answer(), 204);
        appended.add(new Appended(offset, payload));
    }

    private static String offset(RawClient.Answer answer, int status) {
        assertThat(answer.status()).isEqualTo(status);
        return Objects.requireNonNull(answer.header("Stream-Next-Offset"));
    }

    private static List<Event> toTheEnd(EventClient events) {
        List<Event> all = new ArrayList<>();
        Event event = events.next();
        while (!event.type().equals("closed")) {
            all.add(event);
            event = events.next();
        }
        return all;
    }

    private static void assertMissedNothing(String beginning, List<Appended> appended, List<Event> heard) {
        DeliveryChecker checker = new DeliveryChecker(0);
        checker.created(CHANNEL, beginning);
        checker.heard(CHANNEL, beginning);
        DeliveryChecker.Watch watch = checker.watch("healthy", CHANNEL, new DeliveryChecker.Start.Earliest(), false);
        String before = beginning;
        for (Appended message : appended) {
            checker.committed(CHANNEL, before, message.offset(), message.payload());
            checker.acknowledged(CHANNEL, message.offset());
            before = message.offset();
        }
        checker.closed(CHANNEL, before);
        for (Event event : heard) watch.message(event.lastEventId(), event.data());
        watch.ended(DeliveryChecker.End.CLOSED, before);
        checker.atRest();
        assertThat(checker.complaints()).isEmpty();
        assertThat(heard).hasSameSizeAs(appended);
    }
}
