package io.switchboard.server;

import static io.switchboard.server.TestServer.TEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.http3.Http3Settings;
import io.switchboard.server.Http3Client.Event;
import io.switchboard.testkit.sse.EventStreamParser;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/3 where packets get lost, as it begins, where there is no place for a client, and where the server goes. */
@Tag("slow")
class Http3NetworkTest {
    private static final String EVENTS = "text/event-stream";
    private static final long H3_NO_ERROR = 0x100; // RFC 9114, section 8.1
    private static final long NO_LAST_STREAM = (1L << 62) - 4; // RFC 9114, section 5.2
    private static final long SEED = 20_260_917;
    private static final int FULL_PACKET_BYTES = 1_200; // RFC 9000, section 8.2.1

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

    @ParameterizedTest
    @ValueSource(doubles = {0.05, 0.2})
    void whatTheNetworkLosesNoReaderMisses(double loss) {
        try (TestServer server = TlsFiles.start("http3", "on");
                Relay relay = Relay.to(server.port(), loss, SEED);
                Http3Client client = Http3Client.connect(relay.port())) {
            server.create("c", TEXT);
            Http3Client.Stream reader = client.ask("GET", "/v1/stream/c", "accept", EVENTS);
            reader.headers();
            List<String> read = new ArrayList<>();
            EventStreamParser parser = new EventStreamParser();
            int messages = 200;
            for (int i = 0; i < messages; i++) {
                byte[] message = Integer.toString(i).getBytes(StandardCharsets.UTF_8);
                if (i % 10 > 0) server.append("c", TEXT, message);
                else {
                    assertThat(client.ask("POST", "/v1/stream/c", message, "content-type", TEXT)
                                    .answer()
                                    .status())
                            .isEqualTo(204);
                }
            }
            take(reader, parser, read, messages);
            assertThat(read).isEqualTo(numbers(messages));
            assertThat(relay.lost()).as("seed %s", SEED).isPositive();
        }
    }

    @Test
    void theLastWordsOfASocketAreSentAgainThoughNobodyAnsweredThemInTime() {
        try (TestServer server = TlsFiles.start("http3", "on");
                Relay relay = Relay.to(server.port(), 0, SEED);
                Http3Client client = Http3Client.connect(relay.port())) {
            server.create("c", TEXT);
            Http3Client.Stream socket = client.connectTo("/v1/stream/c", "sec-websocket-version", "13");
            socket.headers();
            relay.cut(true);
            server.append("c", TEXT, "last");
            server.closeChannel("c");
            await().pollDelay(Duration.ofSeconds(4)).until(() -> true); // twice as long as an answer is awaited
            relay.cut(false);
            ByteArrayOutputStream arrived = new ByteArrayOutputStream();
            while (socket.next() instanceof Event.Data(byte[] bytes)) arrived.writeBytes(bytes);
            assertThat(arrived.toString(StandardCharsets.ISO_8859_1)).contains("last");
            assertThat(arrived.toByteArray()).containsSequence(4009 >> 8, 4009 & 0xff);
        }
    }

    @Test
    void whoConnectsShowsItsAddressFirst() {
        try (TestServer server = TlsFiles.start("http3", "on", "threads", "4");
                Relay relay = Relay.to(server.port(), 0, SEED);
                Http3Client client = Http3Client.connect(relay.port())) {
            assertThat(relay.retries()).isEqualTo(1);
            assertThat(client.ask("GET", "/health/live").answer().status()).isEqualTo(200);
        }
    }

    private static void post(Http3Client client, int number) {
        byte[] message = Integer.toString(number).getBytes(StandardCharsets.UTF_8);
        assertThat(client.ask("POST", "/v1/stream/c", message, "content-type", TEXT)
                        .answer()
                        .status())
                .isEqualTo(204);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoMovesToAnotherPortKeepsItsStreamsAndItsPlace(boolean unheard) {
        try (TestServer server = TlsFiles.start("http3", "on", "threads", "4");
                Relay relay = Relay.to(server.port(), 0, SEED);
                Http3Client client = Http3Client.connect(relay.port())) {
            server.create("c", TEXT);
            Http3Client.Stream reader = client.ask("GET", "/v1/stream/c", "accept", EVENTS);
            reader.headers();
            List<String> read = new ArrayList<>();
            EventStreamParser parser = new EventStreamParser();
            int messages = 200;
            for (int i = 0; i < messages; i++) {
                if (i % 10 < 5) {
                    relay.cut(unheard); // more than one packet on its way to the port before
                    server.append("c", TEXT, Integer.toString(i));
                    continue;
                }
                if (i % 10 == 5) {
                    if (unheard) relay.loseOne(FULL_PACKET_BYTES); // the first full one to the new port
                    relay.move(); // twenty times; the server finds out by the next packet from there
                    relay.cut(false);
                }
                post(client, i);
            }
            take(reader, parser, read, messages);
            assertThat(read).isEqualTo(numbers(messages));
            assertThat(relay.retries()).as("one connection").isEqualTo(1);
        }
    }

    @Test
    void whoMovesToAnotherAddressKeepsItsStreamsAndItsPlace() {
        try (TestServer server = TlsFiles.start("http3", "on", "threads", "4");
                Relay relay = Relay.to(server.port(), 0, SEED);
                Http3Client client = Http3Client.connect(relay.port())) {
            server.create("c", TEXT);
            Http3Client.Stream reader = client.ask("GET", "/v1/stream/c", "accept", EVENTS);
            reader.headers();
            List<String> read = new ArrayList<>();
            EventStreamParser parser = new EventStreamParser();
            int messages = 5;
            relay.cut(true);
            for (int i = 0; i < messages; i++) server.append("c", TEXT, Integer.toString(i));
            await().until(() -> relay.lost() > 2); // more than two packets on their way to the address before
            for (String place :
                    List.of("127.0.0.2", "127.0.0.2", "127.0.0.3", "127.0.0.1")) { // once only to another port
                relay.move(place);
                relay.cut(false);
                post(client, messages++);
                server.append("c", TEXT, Integer.toString(messages++));
                take(reader, parser, read, messages);
            }
            assertThat(read).isEqualTo(numbers(messages));
            assertThat(relay.retries()).as("one connection").isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nobodyWhoHearsAClientTakesItsStream(boolean junk) {
        try (TestServer server = TlsFiles.start("http3", "on", "threads", "4");
                Relay relay = Relay.to(server.port(), 0, SEED);
                Http3Client client = Http3Client.connect(relay.port())) {
            server.create("c", TEXT);
            Http3Client.Stream reader = client.ask("GET", "/v1/stream/c", "accept", EVENTS);
            reader.headers();
            List<String> read = new ArrayList<>();
            EventStreamParser parser = new EventStreamParser();
            int messages = 20;
            if (junk) relay.junkBehind("127.0.0.9");
            else relay.copyFirst();
            for (int i = 0; i < messages; i++) {
                if (i % 2 == 0) post(client, i);
                else server.append("c", TEXT, Integer.toString(i));
                take(reader, parser, read, i + 1);
            }
            assertThat(read).isEqualTo(numbers(messages));
        }
    }

    @Test
    void nothingIsTakenBeforeTheHandshakeIsComplete() {
        try (TestServer server = TlsFiles.start("http3", "on")) {
            for (int i = 0; i < 2; i++) { // the second one with the session of the first
                try (Http3Client client = Http3Client.again(server.port())) {
                    assertThat(client.ask("GET", "/health/live").answer().status())
                            .isEqualTo(200);
                    assertThat(client.wasEarly()).isFalse();
                }
            }
        }
    }

    @Test
    void settingsTellThatSocketsAreTakenAndThatTablesAreNot() {
        try (TestServer server = TlsFiles.start("http3", "on");
                Http3Client client = Http3Client.connect(server.port())) {
            Http3Settings settings = client.settings();
            assertThat(settings.connectProtocolEnabled()).isTrue();
            assertThat(settings.qpackMaxTableCapacity()).isZero();
            assertThat(settings.qpackBlockedStreams()).isZero();
        }
    }

    @Test
    void whoseStreamsMayHaveLostTheirRoomIsSentToAnotherConnection() {
        try (TestServer server = TlsFiles.start("http3", "on", "limits.streamsPerConnection", "4");
                Http3Client client = Http3Client.connect(server.port())) {
            for (int i = 0; i < 4; i++) { // refused before their content is there
                Http3Client.Stream refused = client.open()
                        .send(client.fields(
                                ":method", "BREW", ":scheme", "https", ":authority", "h", ":path", "/", "x", "y"));
                assertThat(refused.answer().status()).isEqualTo(501);
            }
            assertThat(client.goAway()).isEqualTo(4 * 4);
            assertThat(client.goneWith()).isEqualTo(H3_NO_ERROR);
        }
    }

    @Test
    void aServerThatGoesDownAnswersWhatWasAskedAndSaysSo() {
        try (TestServer server = TlsFiles.start("http3", "on");
                Http3Client client = Http3Client.connect(server.port())) {
            server.create("c", TEXT);
            Http3Client.Stream poll = client.ask("GET", "/v1/stream/c?offset=now&live=long-poll");
            Http3Client.Stream reader = client.ask("GET", "/v1/stream/c", "accept", EVENTS);
            reader.headers();
            server.settle();
            Thread stopping = Thread.ofVirtual().start(() -> server.server().stop(Duration.ofSeconds(5)));
            assertThat(client.goAway()).as("no stream should come").isEqualTo(NO_LAST_STREAM);
            assertThat(poll.answer().status()).isEqualTo(204);
            Event last = reader.next();
            while (last instanceof Event.Data) last = reader.next();
            assertThat(last).isInstanceOf(Event.End.class);
            assertThat(client.goAway()).as("the streams that were looked at").isEqualTo(2 * 4);
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
