package io.switchboard.server;

import static io.switchboard.server.TestServer.BYTES;
import static io.switchboard.server.TestServer.JSON;
import static io.switchboard.server.TestServer.TEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.server.RawClient.Answer;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a connection may do, and for how long (RFC 9112, section 9). */
class ConnectionTest {
    @Test
    void answersComeInTheOrderOfTheRequestsThoughOneOfThemWaits() {
        try (TestServer server = TestServer.start();
                RawClient raw = server.raw()) {
            server.create("p", JSON);
            String get = "GET /v1/stream/p?offset=-1 HTTP/1.1\r\nHost: h\r\n\r\n";
            String poll = "GET /v1/stream/p?offset=now&live=long-poll HTTP/1.1\r\nHost: h\r\n\r\n";
            String post = "POST /v1/stream/p HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n";
            raw.send(get
                    + post + "Content-Length: 1\r\n\r\n1"
                    + get
                    + poll
                    + post + "Transfer-Encoding: chunked\r\n\r\n1\r\n3\r\n0\r\n\r\n"
                    + "HEAD /v1/stream/p HTTP/1.1\r\nHost: h\r\n\r\n"
                    + get);
            assertThat(raw.answer().body()).isEqualTo("[]");
            assertThat(raw.answer().status()).isEqualTo(204);
            assertThat(raw.answer().body()).isEqualTo("[1]");
            assertThat(raw.byteWithin(100))
                    .as("the long-poll waits, and what is behind it too")
                    .isEmpty();
            server.append("p", JSON, "2");
            assertThat(raw.answer().body()).isEqualTo("[2]");
            assertThat(raw.answer().status()).isEqualTo(204);
            assertThat(raw.answerToHead().status()).isEqualTo(200);
            assertThat(raw.answer().body()).isEqualTo("[1,2,3]");
        }
    }

    @Test
    void requestsThatComeByteByByteAreUnderstood() {
        try (TestServer server = TestServer.start();
                RawClient raw = server.raw()) {
            server.create("b", TEXT);
            String requests =
                    "POST /v1/stream/b HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi"
                            + "GET /v1/stream/b HTTP/1.1\r\nHost: h\r\n\r\n";
            for (int i = 0; i < requests.length(); i++) raw.send(requests.substring(i, i + 1));
            assertThat(raw.answer().status()).isEqualTo(204);
            assertThat(raw.answer().body()).isEqualTo("hi");
        }
    }

    // Thousands of requests fit into one packet's worth of reading; each is answered on the stack of none.
    @Test
    @Tag("slow")
    void aFloodOfRequestsBehindOneThatWaitsIsAnswered() {
        try (TestServer server = TestServer.start("threads", "1");
                RawClient raw = server.raw()) {
            server.create("f", JSON);
            String request = "GET /health/live HTTP/1.1\r\nHost:h\r\n\r\n";
            int flood = 20_000;
            // A first flood teaches the server to read much at a time.
            Thread.ofVirtual().start(() -> raw.send(request.repeat(flood)));
            for (int i = 0; i < flood; i++) assertThat(raw.answer().status()).isEqualTo(200);
            raw.ask("GET /v1/stream/f?offset=now&live=long-poll");
            Thread sender = Thread.ofVirtual().start(() -> raw.send(request.repeat(flood)));
            assertThat(raw.byteWithin(300)).isEmpty();
            server.append("f", JSON, "1");
            assertThat(raw.answer().body()).isEqualTo("[1]");
            for (int i = 0; i < flood; i++) assertThat(raw.answer().status()).isEqualTo(200);
            assertThat(sender.isAlive()).isFalse();
        }
    }

    // The server stops taking requests from who does not take the answers.
    @Test
    @Tag("slow")
    void answersThatNobodyTakesDoNotPileUp() {
        try (TestServer server = TestServer.start("limits.readBytes", "1MB", "threads", "1");
                RawClient greedy = RawClient.connect(server.port(), 4_096)) {
            server.create("big", JSON);
            String message = "\"" + "x".repeat(999_990) + "\"";
            server.append("big", JSON, message);
            long before = usedBytes();
            int asked = 200;
            Thread sender = Thread.ofVirtual()
                    .start(() -> greedy.send("GET /v1/stream/big HTTP/1.1\r\nHost: h\r\n\r\n".repeat(asked)));
            // Others are served meanwhile, many times over.
            for (int i = 0; i < 50; i++)
                assertThat(server.getText("/health/live")).isEqualTo("ok\n");
            assertThat(usedBytes() - before).as("bytes held for one client").isLessThan(50_000_000);
            for (int i = 0; i < asked; i++)
                assertThat(greedy.answer().body().length()).isEqualTo(message.length() + 2);
            assertThat(sender.isAlive()).isFalse();
        }
    }

    private static long usedBytes() {
        System.gc();
        return Memory.used();
    }

    // What lies ahead of a request that waits is limited in bytes, not only in pieces.
    @Test
    void aBodyBehindARequestThatWaitsIsNotReadYet() {
        try (TestServer server = TestServer.start("limits.messageBytes", "32MB", "threads", "1");
                RawClient raw = server.raw()) {
            server.create("w", BYTES);
            long before = usedBytes();
            raw.ask("GET /v1/stream/w?offset=now&live=long-poll");
            int length = 30_000_000;
            Thread sender = Thread.ofVirtual()
                    .start(() -> raw.ask("POST /v1/stream/w", "Content-Type: " + BYTES, "Content-Length: " + length)
                            .send(new byte[length]));
            assertThat(raw.byteWithin(500)).isEmpty();
            assertThat(sender.isAlive()).as("the sender is held back").isTrue();
            assertThat(Memory.direct()).isLessThan(before + 8_000_000);
            server.append("w", BYTES, "x");
            assertThat(raw.answer().body()).isEqualTo("x");
            assertThat(raw.answer().status()).isEqualTo(204);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.1", "1.0"})
    void aConnectionGoesOnOrEndsAsTheRequestSays(String version) {
        try (TestServer server = TestServer.start()) {
            try (RawClient raw = server.raw()) {
                raw.send("GET /health/live HTTP/" + version + "\r\nHost: h\r\nConnection: keep-alive\r\n\r\n");
                Answer answer = raw.answer();
                assertThat(answer.header("Connection")).isEqualTo(version.equals("1.0") ? "keep-alive" : null);
                raw.send("GET /health/live HTTP/" + version + "\r\nHost: h\r\nConnection: close\r\n\r\n");
                assertThat(raw.answer().closes()).isTrue();
                assertThat(raw.endsWithin(3_000)).isTrue();
            }
            try (RawClient raw = server.raw()) {
                raw.send("GET /health/live HTTP/1.0\r\n\r\n");
                Answer answer = raw.answer();
                assertThat(answer.closes()).isTrue();
                assertThat(answer.header("Content-Length")).isEqualTo("3");
                assertThat(raw.endsWithin(3_000)).isTrue();
            }
        }
    }

    @Test
    void whoExpectsContinueGetsItAndThenTheAnswer() {
        try (TestServer server = TestServer.start();
                RawClient raw = server.raw()) {
            server.create("e", TEXT);
            raw.ask("POST /v1/stream/e", "Content-Type: text/plain", "Content-Length: 2", "Expect: 100-continue");
            Answer go = raw.answer();
            assertThat(go.statusLine()).isEqualTo("HTTP/1.1 100 Continue");
            assertThat(go.headers()).isEmpty();
            assertThat(raw.send("hi").answer().status()).isEqualTo(204);
            // HTTP/1.0 knows no 100.
            raw.send("POST /v1/stream/e HTTP/1.0\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n"
                    + "Expect: 100-continue\r\n\r\nho");
            assertThat(raw.answer().status()).isEqualTo(204);
            assertThat(server.getText("/v1/stream/e")).isEqualTo("hiho");
        }
    }

    @Test
    void anAnswerWithoutABodyHasNoLength() {
        try (TestServer server = TestServer.start();
                RawClient raw = server.raw()) {
            server.create("n", JSON);
            Answer appended = raw.post("n", JSON, "1").answer();
            assertThat(appended.status()).isEqualTo(204);
            assertThat(appended.header("Content-Length")).isNull();
            assertThat(appended.header("Transfer-Encoding")).isNull();
            Answer read = raw.ask("GET /v1/stream/n?offset=-1").answer();
            Answer same = raw.ask("GET /v1/stream/n?offset=-1", "If-None-Match: " + read.header("ETag"))
                    .answer();
            assertThat(same.status()).isEqualTo(304);
            assertThat(same.header("Content-Length")).isNull();
            assertThat(same.header("Transfer-Encoding")).isNull();
            assertThat(same.header("ETag")).isEqualTo(read.header("ETag"));
            Answer head = raw.ask("HEAD /v1/stream/n").answerToHead();
            assertThat(head.header("Content-Length")).isNull();
            assertThat(raw.ask("HEAD /v1/stream/missing").answerToHead().status())
                    .isEqualTo(404);
            assertThat(raw.ask("GET /health/live").answer().status()).isEqualTo(200);
        }
    }

    @Test
    void aSlowHeaderIsToldSoAndASilentPeerJustLoses() {
        try (TestServer server = TestServer.start("timeouts.header", "300ms", "timeouts.idle", "400ms");
                RawClient slow = server.raw();
                RawClient silent = server.raw();
                RawClient idle = server.raw()) {
            assertThat(idle.ask("GET /health/live").answer().status()).isEqualTo(200);
            slow.send("GET /health/live HT");
            Answer answer = slow.answer();
            assertThat(answer.status()).isEqualTo(408);
            assertThat(answer.body()).contains("\"code\":\"request_timeout\"");
            assertThat(answer.closes()).isTrue();
            assertThat(slow.endsWithin(3_000)).isTrue();
            assertThat(silent.endsWithin(3_000)).isTrue();
            assertThat(idle.endsWithin(3_000)).isTrue();
        }
    }

    @Test
    @Tag("slow")
    void aHeaderThatDripsInGetsNoMoreTime() {
        try (TestServer server = TestServer.start("timeouts.header", "500ms");
                RawClient raw = server.raw()) {
            long begun = System.nanoTime();
            drip(raw, "GET /health/live HTTP/1.1\r\nHost: h\r\nX-Long: yyyyyyyyyyyyyyyyyyyy", 50);
            assertThat(raw.answer().status()).isEqualTo(408);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(2));
        }
    }

    @Test
    void aBodyThatStandsStillIsToldSo() {
        try (TestServer server = TestServer.start("timeouts.body", "300ms");
                RawClient raw = server.raw()) {
            raw.ask("POST /v1/stream/s", "Content-Type: text/plain", "Content-Length: 10")
                    .send("half");
            Answer answer = raw.answer();
            assertThat(answer.status()).isEqualTo(408);
            assertThat(answer.body()).contains("body");
            assertThat(answer.closes()).isTrue();
            assertThat(raw.endsWithin(3_000)).isTrue();
        }
    }

    // timeouts.body is how long it may stand still, not how long it may take.
    @Test
    @Tag("slow")
    void aLargeBodyThatKeepsComingHasTime() {
        try (TestServer server = TestServer.start("timeouts.body", "500ms");
                RawClient raw = server.raw()) {
            server.create("s", BYTES);
            raw.ask("POST /v1/stream/s", "Content-Type: " + BYTES, "Content-Length: 60000");
            for (int i = 0; i < 15; i++) {
                raw.send(new byte[4_000]);
                Pause.millis(100);
            }
            assertThat(raw.answer().status()).isEqualTo(204);
        }
    }

    @Test
    @Tag("slow")
    void aBodyThatDripsInStandsStill() {
        try (TestServer server = TestServer.start("timeouts.body", "500ms");
                RawClient raw = server.raw()) {
            raw.ask("POST /v1/stream/s", "Content-Type: " + BYTES, "Content-Length: 60000");
            drip(raw, "x".repeat(100), 100);
            assertThat(raw.answer().status()).isEqualTo(408);
        }
    }

    // Until the server has had enough.
    private static void drip(RawClient raw, String text, long everyMillis) {
        Thread.ofVirtual().start(() -> {
            try {
                for (int i = 0; i < text.length(); i++) {
                    raw.send(text.substring(i, i + 1));
                    Pause.millis(everyMillis);
                }
            } catch (UncheckedIOException closed) {
                return;
            }
        });
    }

    @Test
    void oneConnectionTooManyIsTurnedAwayInWords() {
        try (TestServer server = TestServer.start("limits.connections", "3");
                RawClient a = server.raw();
                RawClient b = server.raw()) {
            assertThat(a.ask("GET /health/live").answer().status()).isEqualTo(200);
            assertThat(b.ask("GET /health/live").answer().status()).isEqualTo(200);
            try (RawClient c = server.raw()) {
                assertThat(c.ask("GET /health/live").answer().status()).isEqualTo(200);
                for (int i = 0; i < 20; i++) {
                    try (RawClient over = server.raw()) {
                        over.ask("GET /health/live");
                        Answer answer = over.answer();
                        assertThat(answer.status()).isEqualTo(503);
                        assertThat(answer.header("Retry-After")).isNotNull();
                        assertThat(answer.body()).contains("\"code\":\"unavailable\"");
                        assertThat(answer.closes()).isTrue();
                        assertThat(over.endsWithin(3_000)).isTrue();
                    }
                }
                assertThat(a.ask("GET /health/live").answer().status()).isEqualTo(200);
            }
            server.awaitConnections(2, 2);
            try (RawClient again = server.raw()) {
                assertThat(again.ask("GET /health/live").answer().status()).isEqualTo(200);
            }
        }
    }

    @Test
    void oneConnectionTooManyOfAnAddressIsTurnedAway() {
        try (TestServer server = TestServer.start("limits.connectionsPerAddress", "1");
                RawClient a = server.raw()) {
            assertThat(a.ask("GET /health/live").answer().status()).isEqualTo(200);
            try (RawClient over = server.raw()) {
                Answer answer = over.ask("GET /health/live").answer();
                assertThat(answer.status()).isEqualTo(429);
                assertThat(answer.body()).contains("\"code\":\"too_many\"");
                assertThat(answer.header("Retry-After")).isNotNull();
            }
        }
    }

    @Test
    void bodiesInFlightAreLimitedInAll() {
        try (TestServer server = TestServer.start("limits.bodyBytesInFlight", "1MB", "limits.messageBytes", "1MB")) {
            server.create("f", BYTES);
            List<RawClient> holders = new ArrayList<>();
            try {
                for (int i = 0; i < 4; i++) {
                    holders.add(server.raw()
                            .ask("POST /v1/stream/f", "Content-Type: " + BYTES, "Content-Length: 250001")
                            .send(new byte[250_000]));
                }
                await().pollInterval(Duration.ofMillis(20)).untilAsserted(() -> {
                    try (RawClient over = server.raw()) {
                        Answer answer =
                                over.post("f", BYTES, "x".repeat(100_000)).answer();
                        assertThat(answer.status()).isEqualTo(503);
                        assertThat(answer.header("Retry-After")).isEqualTo("1");
                        assertThat(answer.body()).contains("\"code\":\"unavailable\"");
                    }
                });
                // Reads go on, and so does every append that has what it needs.
                assertThat(server.get("/v1/stream/f").statusCode()).isEqualTo(200);
                for (RawClient holder : holders) {
                    assertThat(holder.send("y").answer().status()).isEqualTo(204);
                }
                // What is done with gives its bytes back; so does whoever leaves.
                holders.get(0)
                        .ask("POST /v1/stream/f", "Content-Type: " + BYTES, "Content-Length: 1000000")
                        .send(new byte[999_000]);
                holders.get(0).reset();
                await().pollInterval(Duration.ofMillis(20)).untilAsserted(() -> {
                    try (RawClient next = server.raw()) {
                        assertThat(next.post("f", BYTES, "x".repeat(1_000_000))
                                        .answer()
                                        .status())
                                .isEqualTo(204);
                    }
                });
            } finally {
                holders.forEach(RawClient::close);
            }
        }
    }

    // A reader that stayed behind would hold the sliding expiry off for ever.
    @Test
    @Tag("slow")
    void whoLeavesWhileWaitingLeavesNoReaderBehind() {
        try (TestServer server = TestServer.start()) {
            server.create("ttl", JSON, "Stream-TTL", "1");
            List<RawClient> waiting = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                RawClient raw = server.raw();
                switch (i) {
                    case 0, 1 -> raw.ask("GET /v1/stream/ttl?offset=now&live=long-poll");
                    case 2 -> raw.ask("GET /v1/stream/ttl", "Accept: text/event-stream");
                    default -> raw.ask("GET /live?channel=ttl", "Accept: text/event-stream");
                }
                if (i >= 2) assertThat(raw.head().status()).isEqualTo(200);
                waiting.add(raw);
            }
            assertThat(waiting.getFirst().byteWithin(1_500)).isEmpty();
            assertThat(head(server, "ttl"))
                    .as("live readers hold the expiry off")
                    .isEqualTo(200);
            for (int i = 0; i < 4; i++) {
                if (i % 2 == 0) waiting.get(i).reset();
                else waiting.get(i).close();
            }
            server.awaitConnections(0, 1);
            await().atMost(Duration.ofSeconds(5))
                    .untilAsserted(() -> assertThat(head(server, "ttl")).isEqualTo(404));
        }
    }

    private static int head(TestServer server, String channel) {
        try (RawClient raw = server.raw()) {
            return raw.ask("HEAD /v1/stream/" + channel).answerToHead().status();
        }
    }

    @Test
    void whoLeavesDuringAnAppendHasAppendedOrNot() {
        try (TestServer server = TestServer.start()) {
            server.create("left", JSON);
            for (int i = 0; i < 50; i++) {
                try (RawClient raw = server.raw()) {
                    raw.post("left", JSON, "" + i);
                    if (i % 2 == 0) raw.reset();
                }
            }
            server.awaitConnections(0, 1);
            assertThat(server.getText("/v1/stream/left")).matches("\\[[0-9,]*]");
            server.append("left", JSON, "\"last\"");
            assertThat(server.getText("/v1/stream/left?last=1")).isEqualTo("[\"last\"]");
        }
    }

    // Half-closing is how "printf ... | nc" says that it has asked everything.
    @Test
    void whoEndsItsOutputStillGetsItsAnswers() {
        try (TestServer server = TestServer.start();
                RawClient raw = server.raw()) {
            server.create("half", JSON);
            raw.post("half", JSON, "1").ask("GET /v1/stream/half").endOutput();
            assertThat(raw.answer().status()).isEqualTo(204);
            Answer last = raw.answer();
            assertThat(last.body()).isEqualTo("[1]");
            assertThat(raw.endsWithin(3_000)).isTrue();
        }
    }

    @Test
    void whoEndsItsOutputGetsAllOfALargeAnswer() {
        try (TestServer server = TestServer.start("limits.readBytes", "8MB");
                RawClient raw = RawClient.connect(server.port(), 4_096)) {
            server.create("half", BYTES);
            server.append("half", BYTES, new byte[4_000_000]);
            raw.ask("GET /v1/stream/half").endOutput();
            assertThat(raw.answer().body().length()).isEqualTo(4_000_000);
            assertThat(raw.endsWithin(3_000)).isTrue();
        }
    }

    @Test
    void whoEndsItsOutputWhileWaitingIsTakenToHaveLeft() {
        try (TestServer server = TestServer.start();
                RawClient poll = server.raw();
                RawClient stream = server.raw();
                RawClient cut = server.raw();
                RawClient idle = server.raw()) {
            server.create("half", JSON);
            assertThat(stream.ask("GET /v1/stream/half", "Accept: text/event-stream")
                            .head()
                            .status())
                    .isEqualTo(200);
            assertThat(idle.ask("GET /health/live").answer().status()).isEqualTo(200);
            poll.ask("GET /v1/stream/half?offset=now&live=long-poll").endOutput();
            cut.send("POST /v1/stream/half HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf")
                    .endOutput();
            idle.endOutput();
            stream.endOutput();
            for (RawClient raw : List.of(poll, cut, idle))
                assertThat(raw.endsWithin(3_000)).isTrue();
            stream.rest();
            server.awaitConnections(0, 1);
        }
    }
}
