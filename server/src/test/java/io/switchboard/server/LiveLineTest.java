package io.switchboard.server;

import static io.switchboard.server.TestServer.BYTES;
import static io.switchboard.server.TestServer.JSON;
import static io.switchboard.server.TestServer.TEXT;
import static io.switchboard.server.TestServer.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.testkit.sse.EventStreamParser.Event;
import java.net.http.HttpResponse;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LiveLineTest {
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start("defaults.retention.messages", "10");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void oneStreamCarriesSeveralChannelsInTheirEnvelopes() {
        server.create("x/json", JSON);
        server.create("x/text", TEXT);
        server.create("x/bytes", BYTES);
        try (EventClient client = server.events("/live?channel=x/json&channel=x/text&channel=x%2Fbytes")) {
            await(client, 3);
            String a = server.append("x/json", JSON, "{\"a\":\n1}");
            assertThat(client.next().data())
                    .isEqualTo("{\"channel\":\"x/json\",\"offset\":\"" + a + "\",\"data\":{\"a\":\n1}}");
            String b = server.append("x/text", TEXT, "line\n\"two\" \u20ac");
            assertThat(client.next().data())
                    .isEqualTo(
                            "{\"channel\":\"x/text\",\"offset\":\"" + b + "\",\"data\":\"line\\n\\\"two\\\" \u20ac\"}");
            String c = server.append("x/bytes", BYTES, new byte[] {1, 2, 3, 4});
            Event last = client.next();
            assertThat(last.data())
                    .isEqualTo("{\"channel\":\"x/bytes\",\"offset\":\"" + c + "\",\"base64\":\"AQIDBA==\"}");
            assertThat(last.lastEventId()).isEqualTo(a + "," + b + "," + c);
        }
    }

    // Reads until the position of all channels is known, so that nothing of "now" is a guess.
    private static void await(EventClient client, int channels) {
        while (client.id().contains("-")) client.awaitId();
        assertThat(client.id().split(",")).hasSize(channels);
    }

    @Test
    void aNameThatIsNoneIsRefusedByName() {
        HttpResponse<byte[]> refused =
                server.get("/live?channel=good&channel=b%20%22ad", "Accept", "text/event-stream");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(text(refused)).contains("\"code\":\"invalid\"", "\"channel\":\"b \\\"ad\"");
    }

    @Test
    void theIdResumesAllChannels() {
        server.create("r/a", JSON);
        server.create("r/b", JSON);
        String id;
        try (EventClient client = server.events("/live?channel=r/a&channel=r/b")) {
            await(client, 2);
            server.append("r/a", JSON, "1");
            id = client.next().lastEventId();
        }
        server.append("r/a", JSON, "2");
        server.append("r/b", JSON, "3");
        try (EventClient again = server.events("/live?channel=r/a&channel=r/b", "Last-Event-ID: " + id)) {
            assertThat(again.next(2))
                    .extracting(event -> event.data().replaceFirst("\"offset\":\"[a-p0-9]*\",", ""))
                    .containsExactlyInAnyOrder("{\"channel\":\"r/a\",\"data\":2}", "{\"channel\":\"r/b\",\"data\":3}");
        }
    }

    @Test
    void aChannelThatIsNotThereYetIsWaitedFor() {
        server.create("w/here", JSON);
        String id;
        try (EventClient client = server.events("/live?channel=w/later&channel=w/here")) {
            server.append("w/here", JSON, "1");
            assertThat(client.next().data()).contains("w/here");
            server.create("w/later", JSON);
            server.append("w/later", JSON, "2");
            Event event = client.next();
            assertThat(event.data()).startsWith("{\"channel\":\"w/later\"").endsWith("\"data\":2}");
            id = event.lastEventId();
            assertThat(id).doesNotStartWith("-");
        }
        server.append("w/later", JSON, "3");
        try (EventClient again = server.events("/live?channel=w/later&channel=w/here", "Last-Event-ID: " + id)) {
            assertThat(again.next().data()).endsWith("\"data\":3}");
        }
    }

    // A client takes an event stream for held back on the way as long as nothing of its body has come.
    @Test
    void theFirstBytesComeAtOnceAlsoWhereNoChannelIsThereYet() {
        try (EventClient client = server.events("/live?channel=n/one&channel=n/two")) {
            assertThat(client.id()).isEqualTo("-,-");
        }
    }

    // The id may hold "-" for a channel that was not there: a message that came meanwhile is not lost.
    @Test
    void aChannelMadeBetweenTwoConnectionsIsReadFromItsBeginning() {
        server.create("m/here", JSON);
        String id;
        try (EventClient client = server.events("/live?channel=m/later&channel=m/here")) {
            server.append("m/here", JSON, "1");
            id = client.next().lastEventId();
            assertThat(id).startsWith("-,");
        }
        server.create("m/later", JSON);
        server.append("m/later", JSON, "2");
        try (EventClient again = server.events("/live?channel=m/later&channel=m/here", "Last-Event-ID: " + id)) {
            assertThat(again.next().data()).endsWith("\"data\":2}");
        }
    }

    @Test
    void theEndOfOneChannelIsToldAndTheOthersGoOn() {
        server.create("e/a", JSON);
        server.create("e/b", JSON);
        server.create("e/c", JSON);
        try (EventClient client = server.events("/live?channel=e/a&channel=e/b&channel=e/c")) {
            server.closeChannel("e/a");
            assertThat(client.next())
                    .matches(e -> e.type().equals("closed") && e.data().equals("{\"channel\":\"e/a\"}"));
            server.delete("e/b");
            assertThat(client.next())
                    .matches(e -> e.type().equals("deleted") && e.data().equals("{\"channel\":\"e/b\"}"));
            server.append("e/c", JSON, "1");
            assertThat(client.next().data()).contains("e/c");
            server.closeChannel("e/c");
            assertThat(client.rest()).extracting(Event::type).containsExactly("closed");
        }
    }

    @Test
    void whoComesBackIsToldOfWhatWasDeletedMeanwhileAndTheOthersGoOn() {
        server.create("d/gone", JSON);
        server.create("d/here", JSON);
        server.append("d/gone", JSON, "1");
        String id;
        try (EventClient client = server.events("/live?channel=d/gone&channel=d/here")) {
            id = client.id();
        }
        server.delete("d/gone");
        try (EventClient again = server.events("/live?channel=d/gone&channel=d/here", "Last-Event-ID: " + id)) {
            assertThat(again.next())
                    .matches(e -> e.type().equals("deleted") && e.data().equals("{\"channel\":\"d/gone\"}"));
            server.append("d/here", JSON, "2");
            assertThat(again.next().data()).endsWith("\"data\":2}");
        }
    }

    @Test
    void whoComesBackToTheEndOfClosedChannelsIsToldSoByUs() {
        server.create("z/a", JSON);
        String end = server.append("z/a", JSON, "1");
        server.closeChannel("z/a");
        HttpResponse<byte[]> answer =
                server.get("/live?channel=z/a", "Accept", "text/event-stream", "Last-Event-ID", end);
        assertThat(answer.statusCode()).isEqualTo(204);
        assertThat(answer.headers().firstValue("Stream-Closed")).hasValue("true");
    }

    @Test
    void aGapOfOneChannelIsTold() {
        server.create("g/a", JSON);
        String first = server.append("g/a", JSON, "0");
        for (int i = 1; i <= 30; i++) server.append("g/a", JSON, "" + i);
        try (EventClient client = server.events("/live?channel=g/a", "Last-Event-ID: " + first)) {
            Event gap = client.next();
            assertThat(gap.type()).isEqualTo("gap");
            assertThat(gap.data()).startsWith("{\"channel\":\"g/a\",\"from\":\"" + first + "\",\"to\":\"");
            assertThat(client.next().data()).endsWith("\"data\":21}");
        }
    }

    @Test
    void twentyChannelsAreTheMost() {
        String twenty = IntStream.range(0, 20).mapToObj(i -> "channel=t/" + i).collect(Collectors.joining("&"));
        server.create("t/7", JSON);
        try (EventClient client = server.events("/live?" + twenty)) {
            server.append("t/7", JSON, "1");
            assertThat(client.next().data()).contains("t/7");
        }
        HttpResponse<byte[]> refused =
                server.get("/live?" + twenty + "&channel=one-more", "Accept", "text/event-stream");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(text(refused)).contains("1 to 20 channels");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "?channel=", "?channel=a/../b", "?channel=__ds/x", "?channel=a&channel=a", "?channel=a%00"})
    void nonsenseIsRefusedInWords(String query) {
        HttpResponse<byte[]> refused = server.get("/live" + query, "Accept", "text/event-stream");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(text(refused)).contains("\"code\":\"invalid\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "-,-", "-,-,-,-", "a1a1,x", ",", "now,now"})
    void anIdForOtherChannelsIsRefused(String id) {
        HttpResponse<byte[]> refused = server.get(
                "/live?channel=i/a&channel=i/b" + (id.equals("-,-") ? "&channel=i/c" : ""),
                "Accept",
                "text/event-stream",
                "Last-Event-ID",
                id);
        assertThat(refused.statusCode()).as(id).isEqualTo(400);
    }

    @Test
    void whoDoesNotAskForAnEventStreamIsToldTo() {
        HttpResponse<byte[]> refused = server.get("/live?channel=a", "Accept", "application/json");
        assertThat(refused.statusCode()).isEqualTo(406);
        assertThat(text(refused)).contains("\"code\":\"not_acceptable\"");
    }
}
