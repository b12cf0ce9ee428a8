package io.switchboard.server;

import static io.switchboard.server.TestServer.BYTES;
import static io.switchboard.server.TestServer.JSON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.server.RawClient.Answer;
import io.switchboard.testkit.sse.EventStreamParser;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How a server leaves its clients. */
@Tag("slow") // it waits for real time
class StopTest {
    private static Thread stop(TestServer server, Duration drain) {
        return Thread.ofVirtual().start(() -> server.server().stop(drain));
    }

    @Test
    void whoeverWaitsIsNoReasonToStopLate() {
        try (TestServer server = TestServer.start()) {
            server.create("c", JSON);
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                RawClient raw = server.raw();
                switch (i % 5) {
                    case 0 -> raw.ask("GET /v1/stream/c?offset=now&live=long-poll");
                    case 1 -> raw.ask("GET /v1/stream/c", "Accept: text/event-stream");
                    case 2 -> raw.ask("GET /v1/stream/c?offset=now&live=sse");
                    case 3 -> raw.ask("GET /live?channel=c&channel=d", "Accept: text/event-stream");
                    default ->
                        raw.ask(
                                "GET /v1/stream/c",
                                "Upgrade: websocket",
                                "Connection: Upgrade",
                                "Sec-WebSocket-Version: 13",
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
                }
                clients.add(raw);
            }
            server.awaitConnections(60, 61);
            server.settle();
            long begun = System.nanoTime();
            server.server().stop(Duration.ZERO);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(2));
            for (int i = 0; i < 60; i++) {
                RawClient raw = clients.get(i);
                Answer answer = i % 5 == 0 ? raw.answer() : raw.head();
                assertThat(answer.status()).isEqualTo(i % 5 == 0 ? 204 : i % 5 == 4 ? 101 : 200);
                if (i % 5 == 0) {
                    assertThat(answer.closes()).isTrue();
                    assertThat(answer.header("Stream-Cursor")).isNotNull();
                }
                raw.rest();
                raw.close();
            }
        }
    }

    @Test
    void eventStreamsAreToldToComeBackAtDifferentMoments() {
        try (TestServer server = TestServer.start("threads", "1")) {
            server.create("c", JSON);
            List<EventClient> clients = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                clients.add(server.events(i < 5 ? "/v1/stream/c" : "/live?channel=c"));
            }
            Thread stopping = stop(server, Duration.ofSeconds(10));
            TreeSet<Long> moments = new TreeSet<>();
            for (EventClient client : clients) {
                assertThat(client.rest()).isEmpty();
                moments.add(client.parser().retryMillis());
                client.close();
            }
            assertThat(moments).hasSize(10).doesNotContain(EventStreamParser.UNSAID);
            // the first tenth of the time is for leaving; a server that is alone is back after half of it or later
            assertThat(moments.getFirst()).isBetween(4_000L, 15_000L);
            assertThat(moments.getLast()).isBetween(4_000L, 15_000L);
            join(stopping);
        }
    }

    enum Version {
        HTTP_1,
        HTTP_2,
        HTTP_3;

        TestServer start() {
            return switch (this) {
                case HTTP_1 -> TestServer.start();
                case HTTP_2 -> TlsFiles.start();
                case HTTP_3 -> TlsFiles.start("http3", "on").overHttp3(0, 0);
            };
        }
    }

    private static EventClient events(TestServer server, String target, String... fields) {
        Conversation talk = server.talk().ask("GET " + target, fields);
        return EventClient.over(talk, talk.head());
    }

    @ParameterizedTest
    @EnumSource
    void whoReadsIsLetGoInTimeAndKnowsWhereItStands(Version version) {
        Duration drain = Duration.ofSeconds(5);
        try (TestServer server = version.start()) {
            server.create("c", JSON);
            String tail = server.append("c", JSON, "1");
            EventClient plain = events(server, "/v1/stream/c?offset=-1", "Accept: text/event-stream");
            EventClient durable = events(server, "/v1/stream/c?offset=-1&live=sse");
            FrameClient socket = server.askForSocket("/v1/stream/c?offset=-1");
            FrameClient line = server.askForSocket("/live", "Sec-WebSocket-Protocol: switchboard.v1");
            line.text("{\"action\":\"subscribe\",\"channel\":\"c\",\"offset\":\"-1\"}");
            CompletableFuture<Answer> poll = CompletableFuture.supplyAsync(() -> {
                try (Conversation talk = server.talk()) {
                    return talk.ask("GET /v1/stream/c?offset=" + tail + "&live=long-poll")
                            .answer();
                }
            });
            assertThat(plain.next().lastEventId()).isEqualTo(tail);
            assertThat(durable.next(2).getLast().data()).contains("\"streamNextOffset\":\"" + tail + "\"");
            assertThat(socket.nextText()).isEqualTo("1");
            assertThat(line.nextText()).contains("\"offset\":\"" + tail + "\"");
            await().until(() ->
                    server.getText("/metrics").contains("switchboard_connections{transport=\"long-poll\"} 1"));

            long begun = System.nanoTime();
            Thread stopping = stop(server, drain);
            Answer answer = poll.join();
            assertThat(answer.status()).isEqualTo(204);
            assertThat(answer.header("Stream-Next-Offset")).isEqualTo(tail);
            assertThat(plain.rest()).isEmpty();
            assertThat(plain.parser().lastEventId()).isEqualTo(tail);
            assertThat(plain.parser().retryMillis()).isPositive();
            assertThat(durable.rest()).isEmpty();
            assertThat(line.nextText()).startsWith("{\"event\":\"reconnect\"");
            for (FrameClient each : List.of(socket, line)) {
                FrameClient.Frame close = each.nextClose();
                assertThat(close.code()).isEqualTo(1012);
                each.send(FrameClient.FIN | FrameClient.CLOSE, close.payload());
                assertThat(each.ends()).isTrue();
                each.close();
            }
            plain.close();
            durable.close();
            join(stopping);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(drain);
            assertThat(server.saysGoAway()).isEqualTo(version == Version.HTTP_3);
        }
    }

    @Test
    void whoAsksForAStreamMeanwhileIsToldWhenToComeBackToo() {
        try (TestServer server = TestServer.start("threads", "1");
                RawClient asking = server.raw();
                RawClient idle = server.raw()) {
            server.create("c", JSON);
            assertThat(idle.ask("GET /health/ready").answer().status()).isEqualTo(200);
            // It is in the middle of its request when the server is told to stop.
            asking.send("GET /live?channel=c HTTP/1.1\r\nHost: h\r\nAccept: text/event-stream\r\n");
            server.settle();
            Thread stopping = stop(server, Duration.ofSeconds(4));
            assertThat(idle.endsWithin(5_000)).isTrue();
            asking.send("\r\n");
            String events = new String(asking.rest(), StandardCharsets.UTF_8);
            assertThat(events).containsPattern("retry: ?[1-9][0-9]{3}\n");
            join(stopping);
        }
    }

    @Test
    void webSocketsAreClosedOneAfterTheOtherAndTheLineIsToldBefore() {
        try (TestServer server = TestServer.start("threads", "1")) {
            server.create("c", JSON);
            List<FrameClient> clients = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                clients.add(
                        i < 5
                                ? FrameClient.open(server.port(), "/v1/stream/c")
                                : FrameClient.open(server.port(), "/live", "Sec-WebSocket-Protocol: switchboard.v1"));
            }
            Thread stopping = stop(server, Duration.ofSeconds(2));
            TreeSet<String> moments = new TreeSet<>();
            for (FrameClient client : clients.subList(5, 10)) moments.add(client.nextText());
            for (FrameClient client : clients) {
                FrameClient.Frame close = client.nextClose();
                assertThat(close.code()).isEqualTo(1012);
                client.send(FrameClient.FIN | FrameClient.CLOSE, close.payload());
                assertThat(client.ends()).isTrue();
                client.close();
            }
            assertThat(moments)
                    .hasSizeGreaterThan(1)
                    .allMatch(told -> told.matches("\\{\"event\":\"reconnect\",\"after\":[1-3]\\.\\d}"));
            join(stopping);
        }
    }

    @Test
    void nobodyNewIsLetInAndReadinessIsRed() {
        try (TestServer server = TestServer.start();
                RawClient asking = server.raw();
                RawClient stays = server.raw();
                RawClient idle = server.raw()) {
            server.create("c", JSON);
            assertThat(idle.ask("GET /health/ready").answer().status()).isEqualTo(200);
            // One is in the middle of a request, so that it may finish; another one delays the end.
            asking.send("GET /health/ready HTTP/1.1\r\nHos");
            stays.send(
                    "POST /v1/stream/c HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n");
            server.settle();
            Thread stopping = stop(server, Duration.ofSeconds(20));
            assertThat(idle.endsWithin(5_000)).isTrue();
            try (RawClient late = server.raw()) {
                Answer refused = late.ask("GET /health/ready").answer();
                assertThat(refused.status()).as("what a load balancer sees").isEqualTo(503);
                assertThat(refused.header("Retry-After")).isNotEmpty();
                assertThat(refused.closes()).isTrue();
            }
            Answer red = asking.send("t: h\r\n\r\n").answer();
            assertThat(red.status()).isEqualTo(503);
            assertThat(red.body()).isEqualTo("draining\n");
            assertThat(red.closes()).isTrue();
            Answer appended = stays.send("1").answer();
            assertThat(appended.status()).as("what was begun is finished").isEqualTo(204);
            assertThat(appended.closes()).isTrue();
            asking.endOutput();
            stays.endOutput();
            join(stopping);
        }
    }

    @Test
    void anAnswerThatIsUnderWayIsFinished() {
        try (TestServer server = TestServer.start("limits.readBytes", "8MB");
                RawClient reader = RawClient.connect(server.port(), 4_096);
                RawClient download = RawClient.connect(server.port(), 4_096)) {
            server.create("c", BYTES);
            server.append("c", BYTES, new byte[7_000_000]);
            server.closeChannel("c");
            reader.ask("GET /v1/stream/c");
            download.ask("GET /v1/stream/c", "Range: bytes=0-");
            assertThat(reader.head().header("Content-Length")).isEqualTo("7000000");
            assertThat(download.head().header("Content-Length")).isEqualTo("7000000");
            Thread stopping = stop(server, Duration.ofSeconds(20));
            assertThat(reader.rest()).hasSize(7_000_000);
            assertThat(download.rest()).hasSize(7_000_000);
            join(stopping);
        }
    }

    @Test
    @Tag("slow")
    void whoTakesNothingIsCutOffWhenTheTimeIsUp() {
        try (TestServer server = TestServer.start("limits.readBytes", "8MB");
                RawClient stuck = RawClient.connect(server.port(), 4_096)) {
            server.create("c", BYTES);
            server.append("c", BYTES, new byte[7_000_000]);
            stuck.ask("GET /v1/stream/c");
            assertThat(stuck.head().status()).isEqualTo(200);
            long begun = System.nanoTime();
            server.server().stop(Duration.ofSeconds(1));
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isBetween(Duration.ofMillis(900), Duration.ofSeconds(4));
        }
    }

    @Test
    void stoppingTwiceIsStoppingOnce() {
        TestServer server = TestServer.start();
        server.create("c", JSON);
        server.server().stop(Duration.ZERO);
        server.close();
    }

    private static void join(Thread stopping) {
        try {
            assertThat(stopping.join(Duration.ofSeconds(10)))
                    .as("the server has stopped")
                    .isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
