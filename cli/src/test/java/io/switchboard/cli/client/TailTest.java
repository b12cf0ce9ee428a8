package io.switchboard.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.cli.ManualTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a tail does with answers that a healthy server does not give. */
@Timeout(30)
class TailTest {
    private static final String G = "a1c1";
    private static final String HEAD =
            "HTTP/1.1 200 OK\nContent-Type: application/json\nStream-Next-Offset: " + G + "00";
    private static final String EVENTS = "HTTP/1.1 200 OK\nContent-Type: text/event-stream\n\n";

    private static final class Seen implements Follower {
        final List<String> told = new ArrayList<>();

        @Override
        public boolean message(Message message) {
            told.add(new String(message.data(), StandardCharsets.UTF_8));
            return true;
        }

        @Override
        public boolean idle() {
            return true;
        }

        @Override
        public void connected() {}

        @Override
        public void away(Duration duration) {}

        @Override
        public void gap(String from, String to) {
            told.add("gap " + from + " " + to);
        }

        @Override
        public void closed() {
            told.add("closed");
        }
    }

    @Test
    void comesBackWhenTheServerSaysAndWhereItStopped() throws Exception {
        ManualTime time = new ManualTime();
        Seen seen = new Seen();
        try (ScriptedServer server = new ScriptedServer(
                        HEAD,
                        "HTTP/1.1 503 Service Unavailable\nRetry-After: 7\nContent-Length: 0",
                        EVENTS + "retry: 1400\nid:" + G + "01\ndata:1\n\nid:" + G + "02\ndata:cut o",
                        EVENTS + "id:" + G + "02\ndata:2\n\n" + ScriptedServer.SILENCE,
                        EVENTS + "event: gap\nid:" + G + "05\ndata:{\"from\":\"" + G + "02\",\"to\":\"" + G
                                + "05\"}\n\nevent: closed\ndata:{}\n\n");
                Link link = new Link(Credentials.NONE)) {
            ChannelAddress address = ChannelAddress.of(server.url(), "c");
            new Tail(link, address, time, new Random(1), Duration.ofMillis(300))
                    .run(Transport.SSE, new Start.Now(), seen);
            assertThat(server.requests())
                    .containsExactly(
                            "HEAD /v1/stream/c HTTP/1.1",
                            "GET /v1/stream/c?offset=" + G + "00 HTTP/1.1",
                            "GET /v1/stream/c?offset=" + G + "00 HTTP/1.1",
                            "GET /v1/stream/c?offset=" + G + "01 HTTP/1.1",
                            "GET /v1/stream/c?offset=" + G + "02 HTTP/1.1");
        }
        assertThat(seen.told).containsExactly("1", "2", "gap " + G + "02 " + G + "05", "closed");
        assertThat(time.pauses().subList(0, 2)).containsExactly(Duration.ofSeconds(7), Duration.ofMillis(1_400));
        assertThat(time.pauses().getLast()).isLessThanOrEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aServerWithoutWebSocketIsASentence() throws IOException, InterruptedException {
        try (ScriptedServer server = new ScriptedServer(HEAD, "HTTP/1.1 406 Not Acceptable\nContent-Length: 0");
                Link link = new Link(Credentials.NONE)) {
            Tail tail = new Tail(link, ChannelAddress.of(server.url(), "c"), new ManualTime(), new Random(1));
            tail.run(Transport.WEBSOCKET, new Start.Now(), new Seen());
            throw new AssertionError("went on");
        } catch (Failure failure) {
            assertThat(failure).hasMessageContaining("takes no WebSocket (it answers 406); choose --transport sse");
            assertThat(failure.kind()).isEqualTo(Failure.Kind.REFUSED);
        }
    }
}
