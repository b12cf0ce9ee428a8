package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.config.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that stops reading costs an offset: not memory, and nobody else's time. */
@Tag("slow")
class SlowReadersTest {
    private static final int STALLED = 1_000;
    private static final int MESSAGES = 1_600;
    private static final int MESSAGE_BYTES = 64 * 1024;
    private static final int KERNEL_BYTES = 4 * 1024;
    private static final long TAIL_CACHE_BYTES = 8L << 20;
    /** For each stalled client at most one page or round, which it had begun to take. */
    private static final long BYTES_MAX = TAIL_CACHE_BYTES + STALLED * 100L * 1024;

    /** A client that can be left alone, and then reads what it is owed. */
    private interface Stalling extends AutoCloseable {
        /** The text of the next message. */
        String next();

        @Override
        void close();
    }

    private static Stalling events(int port) {
        RawClient raw = RawClient.connect(port, KERNEL_BYTES);
        raw.ask("GET /v1/stream/c?offset=-1", "Accept: text/event-stream");
        return new Stalling() {
            private @Nullable EventClient events;

            @Override
            public String next() {
                if (events == null) events = EventClient.over(raw);
                return events.next().data();
            }

            @Override
            public void close() {
                raw.close();
            }
        };
    }

    private static Stalling webSocket(int port) {
        FrameClient client = FrameClient.open(port, KERNEL_BYTES, "/v1/stream/c?offset=-1");
        return new Stalling() {
            @Override
            public String next() {
                return client.nextText();
            }

            @Override
            public void close() {
                client.close();
            }
        };
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aThousandStalledReadersOfAHundredMegabytesHoldNobodyUp(boolean webSocket, @TempDir Path data) {
        Settings settings = Settings.with(Map.of(
                "port",
                "0",
                "threads",
                "2",
                "data",
                data.toString(),
                "cache.tailBytes",
                Long.toString(TAIL_CACHE_BYTES)));
        List<Stalling> stalled = new ArrayList<>();
        try (TestServer server = TestServer.start(settings)) {
            server.create("c", TestServer.TEXT);
            for (int i = 0; i < STALLED; i++) {
                stalled.add(webSocket ? webSocket(server.port()) : events(server.port()));
            }
            server.settle();
            try (EventClient healthy = server.events("/v1/stream/c?offset=-1")) {
                long before = usedAfterCollection();
                for (int i = 0; i < MESSAGES; i++) {
                    server.append("c", TestServer.TEXT, message(i));
                    assertThat(healthy.next().data()).startsWith(i + " ");
                }
                assertThat(usedAfterCollection() - before).isLessThan(BYTES_MAX);
            }
            // Whoever reads again has missed nothing.
            for (int i = 0; i < STALLED; i += STALLED / 2) {
                Stalling resumed = stalled.get(i);
                for (int m = 0; m < MESSAGES; m++) assertThat(resumed.next()).startsWith(m + " ");
            }
        } finally {
            stalled.forEach(Stalling::close);
        }
    }

    private static String message(int number) {
        String head = number + " ";
        return head + "x".repeat(MESSAGE_BYTES - head.length());
    }

    private static long usedAfterCollection() {
        System.gc();
        return Memory.used();
    }
}
