package io.switchboard.server;

import static io.switchboard.server.TestServer.TEXT;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who takes nothing for {@code live.stalledMax} is sent away; who takes what comes, however slowly, is not. */
@Tag("slow") // it waits for real time
class StalledClientTest {
    private static final int KERNEL_BYTES = 64 * 1024;
    private static final int MESSAGE_BYTES = 256 * 1024;
    /** Several times what the kernel takes for a client that does not read. */
    private static final int MESSAGES = 80;

    private static TestServer startFull(int stalledMaxMillis) {
        TestServer server = TestServer.start(
                "live.stalledMax", stalledMaxMillis + "ms", "limits.readBytes", "32MB", "threads", "1");
        server.create("c", TEXT);
        byte[] message = new byte[MESSAGE_BYTES];
        Arrays.fill(message, (byte) 'x');
        for (int i = 0; i < MESSAGES; i++) server.append("c", TEXT, message);
        return server;
    }

    private static RawClient read(TestServer server, String accept) {
        RawClient client =
                RawClient.connect(server.port(), KERNEL_BYTES).ask("GET /v1/stream/c?offset=-1", "Accept: " + accept);
        assertThat(client.head().status()).isEqualTo(200);
        // With that of the HTTP client which appended.
        server.awaitConnections(2, 2);
        return client;
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/event-stream", "text/plain"})
    void aClientThatTakesNothingIsSentAway(String accept) {
        int stalledMaxMillis = 1_000;
        try (TestServer server = startFull(stalledMaxMillis)) {
            long begun = System.nanoTime();
            try (RawClient stalled = read(server, accept)) {
                server.awaitConnections(1, 1);
                assertThat(millisSince(begun)).isGreaterThanOrEqualTo(stalledMaxMillis);
                assertThat(stalled.rest().length)
                        .as("bytes that were under way")
                        .isLessThan(MESSAGES * MESSAGE_BYTES);
            }
        }
    }

    // Messages of one size, and one large answer: whatever is still to be sent, there is always as much of it.
    @ParameterizedTest
    @ValueSource(strings = {"text/event-stream", "text/plain"})
    @Tag("slow")
    void aClientThatReadsSlowlyButSteadilyStays(String accept) {
        int stalledMaxMillis = 3_000; // a busy machine may stand still for two seconds
        try (TestServer server = startFull(stalledMaxMillis)) {
            long begun = System.nanoTime();
            try (RawClient slow = read(server, accept)) {
                // A kernel tells the server of new room only when a third of its buffer is free: no small bites.
                byte[] bite = new byte[2 * MESSAGE_BYTES];
                for (int i = 0; i < MESSAGES / 3; i++) {
                    for (int at = 0; at < bite.length; ) {
                        int read = slow.read(bite, bite.length - at);
                        assertThat(read).as("the stream goes on").isPositive();
                        at += read;
                    }
                    Pause.millis(300);
                }
                assertThat(millisSince(begun))
                        .as("milliseconds during which something waited for it")
                        .isGreaterThan(2L * stalledMaxMillis);
                server.awaitConnections(2, 2);
            }
        }
    }

    private static long millisSince(long nanoTime) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanoTime);
    }
}
