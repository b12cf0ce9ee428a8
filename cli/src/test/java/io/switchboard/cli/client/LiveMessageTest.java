package io.switchboard.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The WebSocket's words, without one. */
class LiveMessageTest {
    private static LiveMessage parse(String frame, Kind kind) {
        return LiveMessage.parse(frame.getBytes(StandardCharsets.UTF_8), kind);
    }

    private static String data(String frame, Kind kind) {
        if (!(parse(frame, kind) instanceof LiveMessage.Delivered(Message message))) throw new AssertionError(frame);
        assertThat(message.offset()).isEqualTo("1_2");
        return new String(message.data(), StandardCharsets.UTF_8);
    }

    @Test
    void messagesAreWhatWasPublished() {
        assertThat(data("{\"channel\":\"c\",\"offset\":\"1_2\",\"data\":{\"a\": 1.0}}", Kind.JSON))
                .isEqualTo("{\"a\": 1.0}");
        assertThat(data("{\"channel\":\"c\",\"offset\":\"1_2\",\"data\":\"a\\n\\u00e4\"}", Kind.TEXT))
                .isEqualTo("a\nä");
        assertThat(data("{\"channel\":\"c\",\"offset\":\"1_2\",\"base64\":\"YWI=\"}", Kind.BYTES))
                .isEqualTo("ab");
    }

    @Test
    void eventsAndAnswersAreTold() {
        assertThat(parse("{\"event\":\"gap\",\"channel\":\"c\",\"from\":\"1_1\",\"to\":\"1_9\"}", Kind.JSON))
                .isEqualTo(new LiveMessage.Gap("1_1", "1_9"));
        assertThat(parse("{\"event\":\"closed\",\"channel\":\"c\"}", Kind.JSON)).isEqualTo(new LiveMessage.Closed());
        assertThat(parse("{\"event\":\"deleted\",\"channel\":\"c\"}", Kind.JSON))
                .isEqualTo(new LiveMessage.Deleted());
        assertThat(parse("{\"event\":\"reconnect\",\"after\":4.2}", Kind.JSON))
                .isEqualTo(new LiveMessage.Reconnect(Duration.ofMillis(4_200)));
        assertThat(parse("{\"reply\":1,\"ok\":{\"channel\":\"c\",\"offset\":\"1_1\"}}", Kind.JSON))
                .isEqualTo(new LiveMessage.Subscribed("1_1"));
        assertThat(parse("{\"reply\":1,\"error\":{\"code\":\"forbidden\",\"message\":\"No.\"}}", Kind.JSON))
                .isEqualTo(new LiveMessage.Refused("forbidden", "No."));
        assertThat(parse("{\"event\":\"join\"}", Kind.JSON)).isEqualTo(new LiveMessage.Other());
        assertThat(parse("nonsense", Kind.JSON)).isEqualTo(new LiveMessage.Other());
    }

    @Test
    void closeCodesSayWhetherToComeBack() throws Failure {
        ChannelAddress address = ChannelAddress.of("http://h:1/base/", "c");
        assertThat(address.live()).hasToString("ws://h:1/base/live");
        assertThat(ChannelAddress.of("https://h", "c").live()).hasToString("wss://h/live");
        assertThat(WebSocketSource.subscribe("c", "-1"))
                .isEqualTo("{\"id\":1,\"action\":\"subscribe\",\"channel\":\"c\",\"offset\":\"-1\"}");
        for (int passing : new int[] {0, 1000, 1001, 1006, 1011, 1012, 1013, 4008, 4010}) {
            assertThat(WebSocketSource.ended(passing, address))
                    .as("%d", passing)
                    .isInstanceOf(End.Away.class);
        }
        assertThat(WebSocketSource.ended(4009, address)).isEqualTo(new End.Closed());
        for (int last : new int[] {4001, 4003, 4004, 4012, 1009}) {
            assertThat(WebSocketSource.ended(last, address)).as("%d", last).isInstanceOf(End.Refused.class);
        }
    }
}
