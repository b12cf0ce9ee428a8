package io.switchboard.server;

import static io.switchboard.server.TestServer.TEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.server.Http3Client.Event;
import io.switchboard.testkit.sse.EventStreamParser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** HTTP/3 where a client moves, where there is no place for it, and where the server goes. */
class Http3NetworkTest {
    private static final String EVENTS = "text/event-stream";
    private static final long H3_NO_ERROR = 0x100; // RFC 9114, section 8.1

    private static void take(Http3Client.Stream stream, EventStreamParser parser, List<String> to, int count) {
        while (to.size() < count) {
            if (!(stream.next() instanceof Event.Data(byte[] bytes))) throw new AssertionError("ended after " + to);
            for (EventStreamParser.Event event : parser.feed(bytes)) {
                if (event.type().equals("message")) to.add(event.data());
            }
        }
    }

    private static List<String> numbers(int to) {
        return IntStream.range(0, to).mapToObj(Integer::toString).toList();
    }

    @Test
    void aClientThatMovesKeepsItsConnection() {
        try (TestServer server = TlsFiles.start("http3", "on", "threads", "4");
                MovingRelay relay = MovingRelay.to(server.port());
                Http3Client client = Http3Client.connect(relay.port())) {
            assertThat(relay.retries()).isEqualTo(1);
            server.create("c", TEXT);
            Http3Client.Stream reader = client.ask("GET", "/v1/stream/c", "accept", EVENTS);
            reader.headers();
            List<String> read = new ArrayList<>();
            EventStreamParser parser = new EventStreamParser();
            int messages = 2; // each time perhaps to a socket of another loop
            for (int i = 0; i < messages; i++) {
                relay.move();
                assertThat(client.ask("GET", "/health/live").answer().status()).isEqualTo(200);
                server.append("c", TEXT, Integer.toString(i));
                take(reader, parser, read, i + 1);
            }
            assertThat(read).isEqualTo(numbers(messages));
        }
    }

    @Test
    @Tag("slow")
    void aServerThatGoesDownAnswersWhatWasAskedAndSaysSo() {
        try (TestServer server = TlsFiles.start("http3", "on");
                Http3Client client = Http3Client.connect(server.port())) {
            server.create("c", TEXT);
            Http3Client.Stream poll = client.ask("GET", "/v1/stream/c?offset=now&live=long-poll");
            Http3Client.Stream reader = client.ask("GET", "/v1/stream/c", "accept", EVENTS);
            reader.headers();
            server.settle();
            Thread stopping = Thread.ofVirtual().start(() -> server.server().stop(Duration.ofSeconds(5)));
            assertThat(poll.answer().status()).isEqualTo(204);
            Event last = reader.next();
            while (last instanceof Event.Data) last = reader.next();
            assertThat(last).isInstanceOf(Event.End.class);
            assertThat(client.goneWith()).isEqualTo(H3_NO_ERROR);
            await().until(() -> !stopping.isAlive());
        }
    }

    @Test
    void whoHasAsManyConnectionsAsMayBeIsTurnedAway() {
        long excessiveLoad = 0x107;
        try (TestServer server = TlsFiles.start("http3", "on", "limits.connectionsPerAddress", "2");
                Http3Client one = Http3Client.connect(server.port())) {
            assertThat(one.ask("GET", "/health/live").answer().status()).isEqualTo(200);
            server.get("/health/live"); // the other one
            try (Http3Client third = Http3Client.connect(server.port())) {
                assertThat(third.goneWith()).isEqualTo(excessiveLoad);
            }
        }
    }
}
