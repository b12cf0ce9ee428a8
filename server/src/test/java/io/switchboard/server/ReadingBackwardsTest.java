package io.switchboard.server;

import static io.switchboard.server.TestServer.BYTES;
import static io.switchboard.server.TestServer.JSON;
import static io.switchboard.server.TestServer.expect;
import static io.switchboard.server.TestServer.header;
import static io.switchboard.server.TestServer.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadingBackwardsTest {
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start("limits.readBytes", "16KB", "defaults.retention.messages", "5000");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static void numbers(String channel, int from, int to) {
        for (int at = from; at <= to; ) {
            StringBuilder batch = new StringBuilder("[");
            for (int i = 0; i < 500 && at <= to; i++)
                batch.append(i == 0 ? "" : ",").append(at++);
            server.append(channel, JSON, batch.append(']').toString());
        }
    }

    @Test
    void lastIsTheNewestMessages() {
        server.create("last/a", JSON);
        numbers("last/a", 1, 10);
        HttpResponse<byte[]> newest = expect(server.get("/v1/stream/last/a?last=3"), 200);
        assertThat(text(newest)).isEqualTo("[8,9,10]");
        assertThat(header(newest, "Stream-Up-To-Date")).isEqualTo("true");
        assertThat(header(newest, "Cache-Control")).isEqualTo("public, max-age=1");
        assertThat(header(newest, "Vary")).isEqualToIgnoringCase("Accept");
        assertThat(server.getText("/v1/stream/last/a?last=1")).isEqualTo("[10]");
        assertThat(server.getText("/v1/stream/last/a?last=10000")).isEqualTo("[1,2,3,4,5,6,7,8,9,10]");
        // What comes next is read from where this ended.
        server.append("last/a", JSON, "11");
        assertThat(server.getText("/v1/stream/last/a?offset=" + header(newest, "Stream-Next-Offset")))
                .isEqualTo("[11]");
    }

    @Test
    void lastOfAnEmptyChannelIsNothingAndNotCached() {
        server.create("last/empty", JSON);
        HttpResponse<byte[]> nothing = expect(server.get("/v1/stream/last/empty?last=1"), 200);
        assertThat(text(nothing)).isEqualTo("[]");
        assertThat(header(nothing, "Cache-Control")).isEqualTo("no-cache");
    }

    @Test
    void lastSaysNotModifiedUntilSomethingComes() {
        server.create("last/etag", JSON);
        server.append("last/etag", JSON, "1");
        String etag = header(server.get("/v1/stream/last/etag?last=1"), "ETag");
        HttpResponse<byte[]> same = server.get("/v1/stream/last/etag?last=1", "If-None-Match", etag);
        assertThat(same.statusCode()).isEqualTo(304);
        assertThat(same.body()).isEmpty();
        assertThat(header(same, "ETag")).isEqualTo(etag);
        server.append("last/etag", JSON, "2");
        assertThat(text(expect(server.get("/v1/stream/last/etag?last=1", "If-None-Match", etag), 200)))
                .isEqualTo("[2]");
    }

    @Test
    void lastOfAClosedChannelSaysSo() {
        server.create("last/closed", JSON);
        server.append("last/closed", JSON, "1");
        server.closeChannel("last/closed");
        assertThat(header(server.get("/v1/stream/last/closed?last=1"), "Stream-Closed"))
                .isEqualTo("true");
    }

    @Test
    void pagingBackwardsEndsAtTheBeginningWithEveryMessageOnce() {
        server.create("history", JSON);
        numbers("history", 1, 997);
        List<String> pages = new ArrayList<>();
        HttpResponse<byte[]> page = expect(server.get("/v1/stream/history?last=100"), 200);
        while (!text(page).equals("[]")) {
            pages.addFirst(text(page).substring(1, text(page).length() - 1));
            page = expect(
                    server.get("/v1/stream/history?before=" + header(page, "Stream-Previous-Offset") + "&limit=100"),
                    200);
        }
        StringBuilder all = new StringBuilder("1");
        for (int i = 2; i <= 997; i++) all.append(',').append(i);
        assertThat(String.join(",", pages)).isEqualTo(all.toString());
        assertThat(pages).hasSize(10);
    }

    @Test
    void pagingBackwardsEndsWhereRetentionBegins() {
        server.create("retained", JSON);
        numbers("retained", 1, 12_000);
        int messages = 0;
        HttpResponse<byte[]> page = expect(server.get("/v1/stream/retained?last=900"), 200);
        String newest = text(page);
        while (!text(page).equals("[]")) {
            messages += text(page).split(",").length;
            String previous = header(page, "Stream-Previous-Offset");
            page = server.get("/v1/stream/retained?before=" + previous + "&limit=900");
            if (page.statusCode() == 410) break;
            expect(page, 200);
        }
        assertThat(page.statusCode())
                .as("at the earliest message there is nothing before")
                .isEqualTo(200);
        assertThat(newest).startsWith("[11101,").endsWith(",12000]");
        assertThat(messages).isBetween(5_000, 6_000);
    }

    // A page is at most limits.readBytes: what it leaves out is the oldest, never the newest.
    @Test
    void aPageThatIsTooLargeLeavesOutTheOldest() {
        server.create("large", BYTES);
        for (int i = 0; i < 40; i++) server.append("large", BYTES, big(i));
        HttpResponse<byte[]> page = expect(server.get("/v1/stream/large?last=40"), 200);
        assertThat(page.body().length).isBetween(1_000, 16 * 1_024);
        assertThat(page.body()[page.body().length - 1]).isEqualTo((byte) 39);
        int seen = page.body().length / 1_000;
        while (seen < 40) {
            page = expect(
                    server.get("/v1/stream/large?before=" + header(page, "Stream-Previous-Offset") + "&limit=40"), 200);
            assertThat(page.body()[page.body().length - 1]).isEqualTo((byte) (39 - seen));
            seen += page.body().length / 1_000;
        }
        assertThat(page.body()[0]).isEqualTo((byte) 0);
        assertThat(seen).isEqualTo(40);
    }

    @Test
    void aMessageLargerThanAPageComesAlone() {
        server.create("huge", BYTES);
        server.append("huge", BYTES, "small");
        server.append("huge", BYTES, new byte[100_000]);
        assertThat(expect(server.get("/v1/stream/huge?last=5"), 200).body()).hasSize(100_000);
    }

    // The newest N, while others append: not fewer because something came in between.
    @Test
    @Tag("slow")
    void lastBringsAsManyAsAskedForWhileOthersAppend() throws InterruptedException {
        try (TestServer small = TestServer.start("cache.tailBytes", "1MB", "limits.readBytes", "1MB")) {
            small.create("busy", BYTES);
            small.create("noise", BYTES);
            for (int i = 0; i < 20; i++) small.append("busy", BYTES, new byte[1_000]);
            // Push them out of the cache, so that the read goes to the store.
            for (int i = 0; i < 4; i++) small.append("noise", BYTES, new byte[700_000]);
            AtomicBoolean enough = new AtomicBoolean();
            Thread writer = Thread.ofVirtual().start(() -> {
                while (!enough.get()) small.append("busy", BYTES, new byte[1_000]);
            });
            try {
                for (int i = 0; i < 200; i++) {
                    byte[] body =
                            expect(small.get("/v1/stream/busy?last=20"), 200).body();
                    assertThat(body.length).isEqualTo(20_000);
                    if (i % 20 == 0) small.append("noise", BYTES, new byte[1_000_000]);
                }
            } finally {
                enough.set(true);
                writer.join();
            }
        }
    }

    @Test
    void anOffsetOfAnotherChannelIsGone() {
        server.create("other", JSON);
        server.append("other", JSON, "1");
        server.create("mine", JSON);
        server.append("mine", JSON, "1");
        String foreign = header(server.get("/v1/stream/other?last=1"), "Stream-Next-Offset");
        HttpResponse<byte[]> gone = server.get("/v1/stream/mine?before=" + foreign + "&limit=5");
        assertThat(gone.statusCode()).isEqualTo(410);
        assertThat(text(gone)).contains("\"reason\":\"lost\"", "\"code\":\"gone\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "last=0",
                "last=-1",
                "last=10001",
                "last=",
                "last=ten",
                "last=1.0",
                "last=1&last=2",
                "last=99999999999999999999",
                "last=1&offset=-1",
                "before=nothing",
                "before=-1",
                "before=a0a0&limit=0",
                "before=a0a0&limit=10001",
                "before=a0a0&last=1"
            })
    void nonsenseIsRefusedInWords(String query) {
        server.create("n/" + Integer.toHexString(query.hashCode()), JSON);
        HttpResponse<byte[]> refused =
                server.get("/v1/stream/n/" + Integer.toHexString(query.hashCode()) + "?" + query);
        assertThat(refused.statusCode()).as(query).isEqualTo(400);
        assertThat(header(refused, "Content-Type")).isEqualTo("application/problem+json");
        assertThat(text(refused)).contains("\"code\":\"invalid\"", "\"detail\":\"");
    }

    private static byte[] big(int filler) {
        byte[] bytes = new byte[1_000];
        java.util.Arrays.fill(bytes, (byte) filler);
        return bytes;
    }
}
