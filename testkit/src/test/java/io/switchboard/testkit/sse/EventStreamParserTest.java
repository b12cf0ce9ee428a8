package io.switchboard.testkit.sse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.testkit.sse.EventStreamParser.Event;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventStreamParserTest {
    private static final String STREAM = "\ufeff: hello\n\ndata: YHOO\ndata:+2\ndata:  10\n\n"
            + "id: 1\r\nevent: add\r\ndata:é😀\r\n\r\nid\rdata\r\revent: nothing\n\nretry: 250\ndata:x\rid:7\n\ndata: cut";
    private static final List<Event> EVENTS = List.of(
            new Event("message", "YHOO\n+2\n 10", ""),
            new Event("add", "é😀", "1"),
            new Event("message", "", ""),
            new Event("message", "x", "7"));

    @Test
    void theStreamIsReadAsTheStandardSaysWhereverItIsCut() {
        byte[] bytes = STREAM.getBytes(UTF_8);
        for (int first = 0; first <= bytes.length; first++) {
            EventStreamParser parser = new EventStreamParser();
            List<Event> events = new ArrayList<>(parser.feed(bytes, 0, first));
            events.addAll(parser.feed(bytes, first, bytes.length));

            assertThat(events).isEqualTo(EVENTS);
            assertThat(parser.comments()).containsExactly(" hello");
            assertThat(parser.oddities()).containsExactly("an event without data: nothing");
            assertThat(parser.retryMillis()).isEqualTo(250);
            assertThat(parser.lastEventId()).isEqualTo("7");
            assertThat(parser.betweenEvents()).isFalse();
        }
    }

    @Test
    void anIdWithoutDataCountsOnceTheEventEnds() {
        EventStreamParser parser = new EventStreamParser();

        assertThat(parser.feed("id: 5\n".getBytes(UTF_8))).isEmpty();
        assertThat(parser.lastEventId()).isEmpty();
        assertThat(parser.feed("\n".getBytes(UTF_8))).isEmpty();
        assertThat(parser.lastEventId()).isEqualTo("5");
        assertThat(parser.betweenEvents()).isTrue();
    }

    @Test
    void whatABrowserForgivesIsKeptAsAnOddity() {
        EventStreamParser parser = new EventStreamParser();

        assertThat(parser.feed("id: a\0b\ndatum: 1\nretry: soon\ndata: 1\n\n".getBytes(UTF_8)))
                .containsExactly(new Event("message", "1", ""));
        assertThat(parser.feed(new byte[] {'d', 'a', 't', 'a', ':', (byte) 0xff, '\n', '\n'}))
                .containsExactly(new Event("message", "\ufffd", ""));
        assertThat(parser.oddities())
                .containsExactly(
                        "an id with a zero character",
                        "an unknown field: datum",
                        "a retry that is no number: soon",
                        "a line that is no UTF-8");
    }
}
