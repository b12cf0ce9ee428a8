package io.switchboard.server;

import static io.switchboard.server.TestServer.JSON;
import static io.switchboard.server.TestServer.expect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.http.AccessLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A line for each request, and nothing in it that would let anybody in. */
class AccessLogTest {
    @TempDir
    Path folder;

    private static List<String> lines(Path log) {
        try {
            return Files.readAllLines(log);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void eachAnswerIsALineAndWhatLastsIsOneWhenItEnds() {
        Path log = folder.resolve("access.log");
        Tokens tokens = new Tokens(folder);
        String token =
                tokens.of("ann \"x\"").read("**").manage("**").write("**").sign();
        try (TestServer server = tokens.server("accessLog", log.toString())) {
            String[] bearer = {"Authorization", "Bearer " + token};
            expect(
                    server.send(server.request("/v1/stream/a")
                            .headers(bearer)
                            .header("Content-Type", JSON)
                            .PUT(java.net.http.HttpRequest.BodyPublishers.noBody())),
                    201);
            expect(server.get("/v1/stream/a?token=" + token), 400);
            try (RawClient client = server.raw()) {
                client.ask("GET /v1/stream/a?offset=-1&live=sse&x=secret", Tokens.bearer(token))
                        .head();
                assertThat(lines(log)).noneMatch(line -> line.contains("\"status\":200"));
            }
            try (RawClient client = server.raw()) {
                client.send("no request at all\r\n\r\n").head();
            }
            await().atMost(Duration.ofSeconds(10)).until(() -> lines(log).size() == 4);
        }
        List<String> lines = lines(log);
        assertThat(lines.getFirst())
                .matches(
                        "\\{\"time\":\"20[^\"]+Z\",\"address\":\"127.0.0.1\",\"sub\":\"ann \\\\\"x\\\\\"\","
                                + "\"method\":\"PUT\",\"path\":\"/v1/stream/a\",\"http\":\"1.1\",\"status\":201,\"bytes\":0,\"millis\":\\d+}");
        assertThat(lines)
                .anyMatch(line -> line.contains("\"status\":400") && line.contains("\"path\":\"/v1/stream/a\""));
        assertThat(lines).anyMatch(line -> line.contains("\"status\":200") && line.contains("\"sub\":"));
        assertThat(lines).anyMatch(line -> line.contains("\"method\":\"\""));
        assertThat(String.join("", lines)).doesNotContain(token).doesNotContain("secret");
    }

    @Test
    void whatFindsNoRoomIsCountedAndNobodyWaits() throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        OutputStream stuck = new OutputStream() {
            @Override
            public void write(int b) {
                throw new AssertionError("byte by byte");
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                try {
                    open.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                written.write(bytes, from, length);
            }
        };
        AccessLogFile log = new AccessLogFile(stuck);
        int asked = 3 * AccessLogFile.WAITING_MAX;
        for (int i = 0; i < asked; i++) {
            log.served(new AccessLog.Served(0, "::1", null, "GET", "/" + i, "1.1", 200, 1, 1));
        }
        open.countDown();
        await().atMost(Duration.ofSeconds(10))
                .until(() -> written.toString(StandardCharsets.UTF_8).contains("dropped"));
        log.close();
        String text = written.toString(StandardCharsets.UTF_8);
        long lines = text.lines().filter(line -> line.contains("\"path\"")).count();
        long dropped = text.lines()
                .filter(line -> line.startsWith("{\"dropped\":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
        assertThat(lines).isGreaterThanOrEqualTo(AccessLogFile.WAITING_MAX);
        assertThat(lines + dropped).isEqualTo(asked);
    }
}
