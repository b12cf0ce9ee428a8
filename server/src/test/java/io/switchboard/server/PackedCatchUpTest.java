package io.switchboard.server;

import static io.switchboard.server.TestServer.BYTES;
import static io.switchboard.server.TestServer.header;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.server.config.Settings;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Catching up on messages that lie in files: what clients see, and that no file stays open behind them. */
@Tag("slow")
class PackedCatchUpTest {
    private static final int MESSAGES = 750;
    private static final int MESSAGE_BYTES = 100_000;
    private static final int READ_BYTES = 1 << 20;
    private static final int PACKS = 2;
    private static final int PACKED_BYTES_MIN = 50 << 20;

    @TempDir
    Path data;

    private TestServer server;
    private byte[] written;

    @BeforeEach
    void fill() {
        server = TestServer.start(
                Settings.with(Map.of("port", "0", "data", data.toString(), "threads", "2", "cache.tailBytes", "1MB")));
        server.create("log", BYTES);
        Random random = new Random(7);
        written = new byte[MESSAGES * MESSAGE_BYTES];
        random.nextBytes(written);
        for (int at = 0; at < written.length; at += MESSAGE_BYTES) {
            server.append("log", BYTES, Arrays.copyOfRange(written, at, at + MESSAGE_BYTES));
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            try (Stream<Path> packs = Files.list(data.resolve("packs"))) {
                return packs.filter(file -> !file.toString().endsWith(".new")).count() == PACKS;
            }
        });
        await().atMost(Duration.ofSeconds(10)).until(() -> firstAnswerBytes() > PACKED_BYTES_MIN);
        awaitNoneOpen();
    }

    // A pack is there as a file before it is read from.
    private int firstAnswerBytes() throws IOException {
        try (RawClient client = RawClient.connect(server.port(), 4_096)) {
            RawClient.Answer head = client.ask("GET /v1/stream/log?offset=-1").head();
            return Integer.parseInt(String.valueOf(head.header("Content-Length")));
        }
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** Files of the data folder's packs that this process has open. */
    private long openPacks() throws IOException {
        long open = 0;
        try (Stream<Path> handles = Files.list(Path.of("/proc/self/fd"))) {
            for (Path handle : handles.toList()) {
                try {
                    if (Files.readSymbolicLink(handle).startsWith(data.resolve("packs"))) open++;
                } catch (IOException e) {
                    // closed meanwhile
                }
            }
        }
        return open;
    }

    private void awaitNoneOpen() {
        await().atMost(Duration.ofSeconds(10)).until(() -> openPacks() == 0);
    }

    @Test
    void theWholeLogComesInOrderInLargeAnswers() {
        int read = 0;
        String offset = "-1";
        int large = 0;
        while (true) {
            HttpResponse<byte[]> answer = server.get("/v1/stream/log?offset=" + offset);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(header(answer, "Content-Type")).isEqualTo(BYTES);
            int end = read + answer.body().length;
            assertThat(Arrays.equals(answer.body(), 0, end - read, written, read, end))
                    .isTrue();
            read = end;
            if (answer.body().length > PACKED_BYTES_MIN) large++;
            else assertThat(answer.body()).hasSizeLessThanOrEqualTo(READ_BYTES);
            offset = header(answer, "Stream-Next-Offset");
            if (answer.headers().firstValue("Stream-Up-To-Date").isPresent()) break;
        }
        assertThat(read).isEqualTo(written.length);
        // both packs at once, the rest in pages
        assertThat(large).isEqualTo(1);
        awaitNoneOpen();
    }

    // Envelopes are made of messages, so no file is sent for them, nor so much read at once.
    @Test
    void inEnvelopesItComesInPages() {
        String target = "/v1/stream/log?as=envelopes&offset=";
        String offset = "-1";
        int read = 0;
        for (int answers = 0; answers < 20; answers++) {
            HttpResponse<byte[]> answer = server.get(target + offset);
            assertThat(answer.statusCode()).isEqualTo(200);
            JsonNode envelopes = new ObjectMapper().readTree(answer.body());
            assertThat(envelopes.size()).isEqualTo(READ_BYTES / MESSAGE_BYTES);
            for (JsonNode envelope : envelopes) {
                byte[] message =
                        Base64.getDecoder().decode(envelope.get("base64").asString());
                assertThat(Arrays.equals(message, 0, MESSAGE_BYTES, written, read, read + MESSAGE_BYTES))
                        .isTrue();
                read += MESSAGE_BYTES;
                offset = envelope.get("offset").asString();
            }
            assertThat(header(answer, "Stream-Next-Offset")).isEqualTo(offset);
        }
        assertThat(server.get(target + "-1&live=long-poll").body()).hasSizeLessThan(2 * READ_BYTES);
        awaitNoneOpen();
    }

    @Test
    void whoHasItGetsNoBody() {
        HttpResponse<byte[]> first = server.get("/v1/stream/log?offset=-1");
        HttpResponse<byte[]> second = server.get("/v1/stream/log?offset=-1", "If-None-Match", header(first, "ETag"));
        assertThat(second.statusCode()).isEqualTo(304);
        assertThat(second.body()).isEmpty();
        awaitNoneOpen();
    }

    @Test
    void aLongPollThatIsBehindGetsTheSame() {
        HttpResponse<byte[]> answer = server.get("/v1/stream/log?offset=-1&live=long-poll");
        assertThat(answer.body()).hasSizeGreaterThan(PACKED_BYTES_MIN);
        assertThat(header(answer, "Stream-Cursor")).isNotEmpty();
        awaitNoneOpen();
    }

    @Test
    void whoAsksAndDoesNotReadHoldsTheFilesOfOneAnswerOpen() throws IOException {
        try (RawClient client = RawClient.connect(server.port(), 4_096)) {
            for (int i = 0; i < 50; i++) client.ask("GET /v1/stream/log?offset=-1");
            await().atMost(Duration.ofSeconds(10)).until(() -> openPacks() > 0);
            server.settle();
            assertThat(openPacks()).isEqualTo(PACKS);
            RawClient.Answer head = client.head();
            byte[] body = client.bytes(Integer.parseInt(String.valueOf(head.header("Content-Length"))));
            assertThat(Arrays.equals(body, 0, body.length, written, 0, body.length))
                    .isTrue();
            assertThat(client.head().status()).isEqualTo(200);
            assertThat(openPacks()).isEqualTo(PACKS);
        }
        awaitNoneOpen();
    }

    @Test
    void whoLeavesInTheMiddleLeavesNothingOpen() throws IOException {
        RawClient client = RawClient.connect(server.port(), 4_096);
        client.ask("GET /v1/stream/log?offset=-1").head();
        assertThat(openPacks()).isEqualTo(PACKS);
        client.reset();
        awaitNoneOpen();
        assertThat(server.get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void anOldClientGetsItToTheEndOfTheConnection() {
        try (RawClient client = server.raw()) {
            client.send("GET /v1/stream/log?offset=-1 HTTP/1.0\r\nHost: test\r\n\r\n");
            RawClient.Answer head = client.head();
            int length = Integer.parseInt(String.valueOf(head.header("Content-Length")));
            assertThat(length).isGreaterThan(PACKED_BYTES_MIN);
            assertThat(client.rest()).isEqualTo(Arrays.copyOf(written, length));
        }
        awaitNoneOpen();
    }
}
