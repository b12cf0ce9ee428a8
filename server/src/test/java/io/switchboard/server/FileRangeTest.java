package io.switchboard.server;

import static io.switchboard.server.TestServer.BYTES;
import static io.switchboard.server.TestServer.JSON;
import static io.switchboard.server.TestServer.expect;
import static io.switchboard.server.TestServer.header;
import static io.switchboard.server.TestServer.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A closed channel of bytes is a file. */
class FileRangeTest {
    private static final byte[] FILE =
            "0123456789abcdefghijklmnopqrstuvwxyz".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    private static TestServer server;
    private static byte[] large;

    @BeforeAll
    static void start() {
        server = TestServer.start("timeouts.idle", "1s", "live.stalledMax", "20s");
        upload("file", FILE, 7);
        large = new byte[5_000_000];
        new Random(1).nextBytes(large);
        upload("large", large, 9_973);
        upload("single", large, large.length);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static void upload(String channel, byte[] file, int piece) {
        server.create(channel, BYTES);
        for (int at = 0; at < file.length; at += piece) {
            server.append(channel, BYTES, Arrays.copyOfRange(file, at, Math.min(file.length, at + piece)));
        }
        server.closeChannel(channel);
    }

    private static HttpResponse<byte[]> range(String channel, String range, String... more) {
        HttpRequest.Builder request =
                server.request("/v1/stream/" + channel).header("Range", range).GET();
        return server.send(more.length == 0 ? request : request.headers(more));
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, 0, 1",
        "bytes=0-, 0, 36",
        "bytes=0-35, 0, 36",
        "bytes=0-999999999999999999999999, 0, 36",
        "bytes=5-9, 5, 10",
        "bytes=6-7, 6, 8",
        "bytes=7-13, 7, 14",
        "bytes=35-, 35, 36",
        "bytes=-1, 35, 36",
        "bytes=-10, 26, 36",
        "bytes=-36, 0, 36",
        "bytes=-99, 0, 36",
        "BYTES=3-4, 3, 5"
    })
    void aRangeIsPartOfTheFile(String range, int from, int to) {
        HttpResponse<byte[]> part = expect(range("file", range), 206);
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(FILE, from, to));
        assertThat(header(part, "Content-Range")).isEqualTo("bytes " + from + "-" + (to - 1) + "/36");
        assertThat(header(part, "Content-Length")).isEqualTo("" + (to - from));
        assertThat(header(part, "Content-Type")).isEqualTo(BYTES);
        assertThat(header(part, "Accept-Ranges")).isEqualTo("bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=36-", "bytes=36-40", "bytes=-0", "bytes=99999999999999999999-"})
    void aRangeBehindTheEndCannotBeSatisfied(String range) {
        HttpResponse<byte[]> refused = range("file", range);
        assertThat(refused.statusCode()).isEqualTo(416);
        assertThat(header(refused, "Content-Range")).isEqualTo("bytes */36");
        assertThat(text(refused)).contains("\"code\":\"range_not_satisfiable\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"bytes=0-1,3-4", "bytes=5-2", "bytes=-", "bytes=a-b", "bytes=1", "lines=0-1", "bytes=0-1-2", ""})
    void aRangeThatMakesNoSenseOrSeveralAreTheWholeFile(String range) {
        HttpResponse<byte[]> whole = expect(range("file", range), 200);
        assertThat(whole.body()).isEqualTo(FILE);
        assertThat(whole.headers().firstValue("Content-Range")).isEmpty();
    }

    @Test
    void ifRangeHoldsOnlyForTheSameFile() {
        String etag = header(range("file", "bytes=0-1"), "ETag");
        assertThat(range("file", "bytes=2-3", "If-Range", etag).statusCode()).isEqualTo(206);
        assertThat(range("file", "bytes=2-3", "If-Range", "\"another\"").statusCode())
                .isEqualTo(200);
        assertThat(range("file", "bytes=2-3", "If-Range", "W/" + etag).statusCode())
                .isEqualTo(200);
        assertThat(range("file", "bytes=2-3", "If-Range", "Sun, 22 Nov 2026 00:00:00 GMT")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void whoHasTheFileIsToldSo() {
        String etag = header(range("file", "bytes=0-1"), "ETag");
        HttpResponse<byte[]> same = range("file", "bytes=0-", "If-None-Match", etag);
        assertThat(same.statusCode()).isEqualTo(304);
        assertThat(same.body()).isEmpty();
        assertThat(header(same, "ETag")).isEqualTo(etag);
        // It is another representation than the catch-up read has.
        assertThat(header(server.get("/v1/stream/file?offset=-1"), "ETag")).isNotEqualTo(etag);
    }

    @Test
    void headKnowsNoRanges() {
        try (RawClient raw = server.raw()) {
            RawClient.Answer head =
                    raw.ask("HEAD /v1/stream/file", "Range: bytes=0-1").answerToHead();
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.header("Stream-Closed")).isEqualTo("true");
            assertThat(raw.ask("HEAD /v1/stream/file").answerToHead().status()).isEqualTo(200);
        }
    }

    @Test
    void onlyAClosedChannelOfBytesIsAFile() {
        server.create("open", BYTES);
        server.append("open", BYTES, FILE);
        assertThat(range("open", "bytes=1-2").statusCode()).isEqualTo(200);
        server.create("json", JSON);
        server.append("json", JSON, "[1,2]");
        server.closeChannel("json");
        assertThat(text(expect(range("json", "bytes=1-2"), 200))).isEqualTo("[1,2]");
        assertThat(range("missing", "bytes=1-2").statusCode()).isEqualTo(404);
        // With an offset it is a read of messages.
        assertThat(expect(server.get("/v1/stream/file?offset=-1", "Range", "bytes=1-2"), 200)
                        .body())
                .isEqualTo(FILE);
    }

    @Test
    void anEmptyFileHasNoPart() {
        server.create("empty", BYTES);
        server.closeChannel("empty");
        assertThat(range("empty", "bytes=0-").statusCode()).isEqualTo(416);
        assertThat(expect(range("empty", "bytes=-5"), 200).body()).isEmpty();
    }

    @Test
    void aForkIsAFileWithWhatItInherited() {
        HttpRequest.Builder fork = server.request("/v1/stream/fork")
                .header("Content-Type", BYTES)
                .header("Stream-Forked-From", "/v1/stream/file")
                .PUT(HttpRequest.BodyPublishers.noBody());
        HttpResponse<byte[]> made = expect(server.send(fork), 201);
        if (made.headers().firstValue("Stream-Closed").isEmpty()) {
            server.append("fork", BYTES, "ABC");
            server.closeChannel("fork");
            assertThat(text(expect(range("fork", "bytes=34-37"), 206))).isEqualTo("yzAB");
        }
        assertThat(text(expect(range("fork", "bytes=0-9"), 206))).isEqualTo("0123456789");
    }

    @Test
    void aFileOfManyBlocksIsReadFromAnywhere() {
        assertThat(range("large", "bytes=0-").body()).isEqualTo(large);
        Random random = new Random(2);
        for (int i = 0; i < 50; i++) {
            int from = random.nextInt(large.length);
            int to = Math.min(large.length, from + random.nextInt(1, 300_000));
            assertThat(Arrays.equals(
                            expect(range("large", "bytes=" + from + "-" + (to - 1)), 206)
                                    .body(),
                            Arrays.copyOfRange(large, from, to)))
                    .as("%d-%d", from, to - 1)
                    .isTrue();
        }
    }

    @Test
    void aFileOfManySmallMessagesIsReadFromAnywhere() {
        server.create("crumbs", BYTES);
        byte[] crumbs = new byte[400];
        new Random(3).nextBytes(crumbs);
        for (byte crumb : crumbs) server.append("crumbs", BYTES, new byte[] {crumb});
        server.closeChannel("crumbs");
        for (int from = 0; from < crumbs.length; from += 13) {
            assertThat(range("crumbs", "bytes=" + from + "-" + (from + 20)).body())
                    .isEqualTo(Arrays.copyOfRange(crumbs, from, Math.min(crumbs.length, from + 21)));
        }
    }

    // The rest waits in the server's buffers when the server is done with the request.
    @ParameterizedTest
    @ValueSource(strings = {"Range: bytes=0-", "Connection: close", "Connection: keep-alive"})
    @Tag("slow")
    void aClientThatPausesGetsTheWholeAnswer(String field) {
        try (RawClient raw = RawClient.connect(server.port(), 4_096)) {
            raw.ask("GET /v1/stream/single", field);
            RawClient.Answer head = raw.head();
            assertThat(head.header("Content-Length")).isEqualTo("" + large.length);
            byte[] got = new byte[large.length];
            int at = 0;
            for (int read = 1; at < got.length && read > 0; at += read) {
                byte[] piece = new byte[64 * 1_024];
                read = raw.read(piece, Math.min(piece.length, got.length - at));
                System.arraycopy(piece, 0, got, at, read);
                // Longer than an idle connection is kept, or one that is about to be closed; but it moves on.
                if (at < 300_000) Pause.millis(700);
            }
            assertThat(at).isEqualTo(got.length);
            assertThat(Arrays.equals(got, large)).isTrue();
        }
    }

    @Test
    void aClientThatLeavesInTheMiddleLeavesNothingBehind() {
        for (int i = 0; i < 20; i++) {
            try (RawClient raw = RawClient.connect(server.port(), 4_096)) {
                raw.ask("GET /v1/stream/large", "Range: bytes=0-");
                assertThat(raw.head().status()).isEqualTo(206);
                if (i % 2 == 0) raw.reset();
            }
        }
        server.awaitConnections(0, 1);
        assertThat(range("large", "bytes=0-9").body()).isEqualTo(Arrays.copyOf(large, 10));
    }
}
