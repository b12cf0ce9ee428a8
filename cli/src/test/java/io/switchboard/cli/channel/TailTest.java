package io.switchboard.cli.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.cli.place.ChannelAddress;
import io.switchboard.cli.place.Failure;
import io.switchboard.cli.place.Passport;
import io.switchboard.client.Message;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a tail says of answers that a healthy server does not give. */
@Timeout(30)
class TailTest {
    private static final String HEAD =
            "HTTP/1.1 200 OK\nContent-Type: application/json\nStream-Next-Offset: 0000000000000001_0000000000000000";
    private static final String NO_UPGRADE = "HTTP/1.1 406 Not Acceptable\nContent-Length: 0";

    private static final class Nobody implements Follower {
        @Override
        public boolean message(Message message, Kind kind) {
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
        public void gap(String from, String to) {}

        @Override
        public void closed() {}
    }

    @Test
    void aServerThatAnswersWithoutWebSocketIsASentence() throws IOException, InterruptedException {
        try (ScriptedServer server = new ScriptedServer(HEAD, NO_UPGRADE, NO_UPGRADE, HEAD)) {
            new Tail(ChannelAddress.of(server.url(), "c"), Passport.NONE, Transport.WEBSOCKET, new Nobody())
                    .run(new Start.Now());
            throw new AssertionError("went on");
        } catch (Failure failure) {
            assertThat(failure)
                    .hasMessageContaining("cannot be read over websocket")
                    .hasMessageContaining("--transport");
            assertThat(failure.kind()).isEqualTo(Failure.Kind.REFUSED);
        }
    }
}
