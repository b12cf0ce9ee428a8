package io.switchboard.server;

import static io.switchboard.server.TestServer.BYTES;
import static io.switchboard.server.TestServer.JSON;
import static io.switchboard.server.TestServer.TEXT;
import static io.switchboard.server.TestServer.header;
import static io.switchboard.server.TestServer.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.testkit.sse.EventStreamParser.Event;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class PlainEventStreamTest {
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start("defaults.retention.messages", "10", "live.heartbeat", "1s");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void everyMessageIsAnEventWhoseIdResumes() {
        server.create("a", JSON);
        server.append("a", JSON, "[1,2]");
        String third = server.append("a", JSON, "{\"x\": 3}");
        try (EventClient client = server.events("/v1/stream/a?offset=-1")) {
            assertThat(client.head().header("Cache-Control")).isEqualTo("no-cache");
            assertThat(client.head().header("Vary")).isEqualToIgnoringCase("Accept");
            List<Event> events = client.next(3);
            assertThat(events).extracting(Event::data).containsExactly("1", "2", "{\"x\": 3}");
            assertThat(events).extracting(Event::type).containsOnly("message");
            assertThat(events.get(2).lastEventId()).isEqualTo(third);
            String fourth = server.append("a", JSON, "4");
            assertThat(client.next()).isEqualTo(new Event("message", "4", fourth));
            try (EventClient again = server.events(
                    "/v1/stream/a?offset=now", "Last-Event-ID: " + events.get(1).lastEventId())) {
                assertThat(again.next(2)).extracting(Event::data).containsExactly("{\"x\": 3}", "4");
            }
            assertThat(client.parser().oddities()).isEmpty();
        }
    }

    @Test
    void withoutAnOffsetItBeginsNow() {
        server.create("b", TEXT);
        server.append("b", TEXT, "old");
        try (EventClient client = server.events("/v1/stream/b")) {
            server.append("b", TEXT, "new");
            assertThat(client.next().data()).isEqualTo("new");
        }
    }

    @Test
    void aMessageOfSeveralLinesArrivesWithThem() {
        server.create("lines", TEXT);
        String message = " first\n\nevent: forged\r\nid: 7\rlast\n";
        server.append("lines", TEXT, message);
        try (EventClient client = server.events("/v1/stream/lines?offset=-1")) {
            Event event = client.next();
            assertThat(event.data()).isEqualTo(message.replace("\r\n", "\n").replace('\r', '\n'));
            assertThat(event.type()).isEqualTo("message");
        }
    }

    @Test
    void bytesAreBase64AndTheHeaderSaysSo() {
        server.create("bytes", BYTES);
        byte[] message = {0, 1, 2, (byte) 0xff, 10, 13};
        server.append("bytes", BYTES, message);
        try (EventClient client = server.events("/v1/stream/bytes?offset=-1")) {
            assertThat(client.head().header("Stream-SSE-Data-Encoding")).isEqualTo("base64");
            assertThat(Base64.getDecoder().decode(client.next().data())).isEqualTo(message);
        }
    }

    @Test
    void whoComesBackToTrimmedMessagesIsToldOfTheGap() {
        server.create("gap", JSON);
        String first = server.append("gap", JSON, "1");
        for (int i = 2; i <= 30; i++) server.append("gap", JSON, "" + i);
        try (EventClient client = server.events("/v1/stream/gap", "Last-Event-ID: " + first)) {
            Event gap = client.next();
            assertThat(gap.type()).isEqualTo("gap");
            assertThat(gap.data()).isEqualTo("{\"from\":\"" + first + "\",\"to\":\"" + gap.lastEventId() + "\"}");
            List<Event> kept = client.next(10);
            assertThat(kept.getFirst().data()).isEqualTo("21");
            assertThat(kept.getLast().data()).isEqualTo("30");
            // Whoever reconnects with the gap's id is not told of it again.
            try (EventClient again = server.events("/v1/stream/gap", "Last-Event-ID: " + gap.lastEventId())) {
                assertThat(again.next().data()).isEqualTo("21");
            }
        }
    }

    @Test
    void anIdOfADeletedAndRemadeChannelIsAGapToo() {
        server.create("remade", JSON);
        String old = server.append("remade", JSON, "\"old\"");
        server.delete("remade");
        server.create("remade", JSON);
        server.append("remade", JSON, "\"new\"");
        try (EventClient client = server.events("/v1/stream/remade", "Last-Event-ID: " + old)) {
            assertThat(client.next().type()).isEqualTo("gap");
            assertThat(client.next().data()).isEqualTo("\"new\"");
        }
    }

    @Test
    void theEndOfAChannelIsToldOnceAndStopsReconnects() {
        server.create("end", JSON);
        try (EventClient client = server.events("/v1/stream/end")) {
            server.append("end", JSON, "1");
            server.closeChannel("end");
            List<Event> events = client.rest();
            assertThat(events).extracting(Event::type).containsExactly("message", "closed");
            assertThat(events.get(1).data()).isEqualTo("{}");
            String last = events.getLast().lastEventId();
            HttpResponse<byte[]> over =
                    server.get("/v1/stream/end", "Accept", "text/event-stream", "Last-Event-ID", last);
            assertThat(over.statusCode()).isEqualTo(204);
            assertThat(header(over, "Stream-Closed")).isEqualTo("true");
            assertThat(over.headers().firstValue("Content-Length")).isEmpty();
        }
        // Who comes late still gets everything.
        try (EventClient late = server.events("/v1/stream/end?offset=-1")) {
            assertThat(late.rest()).extracting(Event::type).containsExactly("message", "closed");
        }
    }

    @Test
    void theEndOfAChannelThatHadNothingIsToldToo() {
        server.create("end/quiet", JSON);
        try (EventClient client = server.events("/v1/stream/end/quiet")) {
            server.closeChannel("end/quiet");
            assertThat(client.rest()).extracting(Event::type).containsExactly("closed");
        }
    }

    @Test
    void aDeletedChannelEndsItsStreams() {
        server.create("deleted", JSON);
        try (EventClient client = server.events("/v1/stream/deleted")) {
            server.delete("deleted");
            assertThat(client.rest()).extracting(Event::type).containsExactly("deleted");
        }
        assertThat(server.get("/v1/stream/deleted", "Accept", "text/event-stream")
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    @Tag("slow")
    void aQuietStreamShowsThatItIsAlive() {
        server.create("quiet", JSON);
        try (EventClient client = server.events("/v1/stream/quiet")) {
            client.awaitComment();
            client.awaitComment();
            String id = server.append("quiet", JSON, "1");
            assertThat(client.next()).isEqualTo(new Event("message", "1", id));
        }
    }

    @Test
    void aClientOfHttp10GetsItWithoutChunks() {
        server.create("ten", JSON);
        try (RawClient raw = server.raw()) {
            raw.send("GET /v1/stream/ten HTTP/1.0\r\nAccept: text/event-stream\r\n\r\n");
            EventClient client = EventClient.over(raw);
            assertThat(client.head().header("Transfer-Encoding")).isNull();
            assertThat(client.head().closes()).isTrue();
            server.append("ten", JSON, "1");
            server.closeChannel("ten");
            assertThat(client.rest()).extracting(Event::type).containsExactly("message", "closed");
        }
    }

    @Test
    void anIdThatWasNeverGivenIsRefused() {
        server.create("ids", JSON);
        HttpResponse<byte[]> refused =
                server.get("/v1/stream/ids", "Accept", "text/event-stream", "Last-Event-ID", "seven");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(text(refused)).contains("Last-Event-ID");
    }

    @Test
    void aPageThatTakesAnythingGetsMessagesAndNoStream() {
        server.create("any", JSON);
        server.append("any", JSON, "1");
        assertThat(text(server.get("/v1/stream/any", "Accept", "*/*"))).isEqualTo("[1]");
        assertThat(text(server.get("/v1/stream/any", "Accept", "text/event-stream;q=0.1, application/json")))
                .isEqualTo("[1]");
    }
}
