package io.switchboard.server;

import static io.switchboard.server.TestServer.JSON;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.RawClient.Answer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How often, and how many: what those get who go beyond, and that the others do not notice. */
class RatesTest {
    @Test
    void moreAppendsThanAChannelMayHaveAreRefusedOnEveryTransport() {
        try (TestServer server = TestServer.start("limits.appendsPerSecondPerChannel", "1");
                RawClient raw = server.raw()) {
            server.create("busy", JSON);
            server.create("calm", JSON);
            try (FrameClient socket = FrameClient.open(server.port(), "/v1/stream/busy?offset=-1");
                    FrameClient line =
                            FrameClient.open(server.port(), "/live", "Sec-WebSocket-Protocol: switchboard.v1")) {
                // Of several within a second, one at most is taken; the clock may turn once between them.
                Answer refused = raw.post("busy", JSON, "1").answer();
                for (int i = 0; i < 5 && refused.status() == 204; i++) {
                    refused = raw.post("busy", JSON, "1").answer();
                }
                assertThat(refused.status()).isEqualTo(429);
                assertThat(refused.header("Retry-After")).isEqualTo("1");
                assertThat(refused.body()).contains("\"code\":\"too_many\"").contains("\"afterMillis\":");
                line.text("{\"action\":\"publish\",\"id\":1,\"channel\":\"busy\",\"data\":1}");
                assertThat(line.nextText()).contains("\"reply\":1");
                assertThat(raw.post("calm", JSON, "1").answer().status()).isEqualTo(204);
                for (int i = 0; i < 5; i++) socket.text("2");
                FrameClient.Frame frame = socket.next();
                while (frame.opcode() == FrameClient.TEXT) frame = socket.next();
                assertThat(frame.code()).isEqualTo(4029);
            }
        }
    }

    @Test
    void headerFieldsAreCounted() {
        try (TestServer server = TestServer.start("limits.headers", "10");
                RawClient raw = server.raw()) {
            String[] fields = new String[9];
            for (int i = 0; i < 9; i++) fields[i] = "X-" + i + ": 1";
            assertThat(raw.ask("GET /health/live", fields).answer().status()).isEqualTo(200);
            String[] more = new String[10];
            for (int i = 0; i < 10; i++) more[i] = "X-" + i + ": 1";
            Answer answer = raw.ask("GET /health/live", more).answer();
            assertThat(answer.status()).isEqualTo(431);
            assertThat(answer.body()).contains("at most 10");
        }
    }

    @Test
    void thoseInsideNoticeNothingOfThoseWhoAreTurnedAway() {
        int inside = 200;
        try (TestServer server = TestServer.start("limits.connections", Integer.toString(inside + 1))) {
            server.create("in", JSON);
            List<EventClient> readers = new ArrayList<>();
            try {
                for (int i = 0; i < inside; i++) readers.add(server.events("/v1/stream/in?offset=-1"));
                boolean[] seconds = new boolean[6];
                for (int i = 0; i < 500; i++) {
                    try (RawClient over = server.raw()) {
                        Answer answer = over.answer();
                        assertThat(answer.status()).isEqualTo(503);
                        seconds[Integer.parseInt(String.valueOf(answer.header("Retry-After")))] = true;
                    }
                    if (i % 100 == 0) server.append("in", JSON, Integer.toString(i));
                }
                assertThat(seconds).as("when they come back").containsExactly(false, true, true, true, true, true);
                for (EventClient reader : readers) {
                    for (int i = 0; i < 500; i += 100) {
                        assertThat(reader.next().data()).isEqualTo(Integer.toString(i));
                    }
                }
            } finally {
                readers.forEach(EventClient::close);
            }
        }
    }
}
