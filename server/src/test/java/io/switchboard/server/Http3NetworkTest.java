package io.switchboard.server;

import static io.switchboard.server.TestServer.TEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.server.Http3Client.Event;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How HTTP/3 begins, where there is no place for a client, and where the server goes. */
class Http3NetworkTest {
    private static final String EVENTS = "text/event-stream";
    private static final long H3_NO_ERROR = 0x100; // RFC 9114, section 8.1

    @Test
    void whoConnectsShowsItsAddressFirst() {
        try (TestServer server = TlsFiles.start("http3", "on", "threads", "4");
                Relay relay = Relay.to(server.port());
                Http3Client client = Http3Client.connect(relay.port())) {
            assertThat(relay.retries()).isEqualTo(1);
            assertThat(client.ask("GET", "/health/live").answer().status()).isEqualTo(200);
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
