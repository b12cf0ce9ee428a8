package io.switchboard.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventStreamTest {
    private static final String STREAM = "\uFEFFid:1\ndata:a\n\n:\n\nid: 2\r\ndata:  b\r\ndata:c\r\n\r\n"
            + "event: gap\rdata:{}\rid:4\r\rretry: 1400\nretry:soon\n\nid:5\n\ndata\n\nevent: closed\n\ndata:lost";

    /** However the network cuts it. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1_000})
    void eventsComeOutAsTheyWere(int piece) throws IOException {
        EventStream events = new EventStream();
        byte[] bytes = STREAM.getBytes(StandardCharsets.UTF_8);
        List<String> seen = new ArrayList<>();
        for (int at = 0; at < bytes.length; at += piece) {
            int length = Math.min(piece, bytes.length - at);
            byte[] part = new byte[length];
            System.arraycopy(bytes, at, part, 0, length);
            events.add(part, length);
            for (var event = events.next(); event.isPresent(); event = events.next()) {
                String data = event.get()
                        .data()
                        .map(given -> new String(given, StandardCharsets.UTF_8))
                        .orElse("none");
                seen.add(event.get().name() + "|" + event.get().id() + "|" + data);
            }
        }
        assertThat(seen).containsExactly("|1|a", "|2| b\nc", "gap|4|{}", "|5|none", "|5|");
        assertThat(events.retryMillis()).isEqualTo(1400);
    }
}
