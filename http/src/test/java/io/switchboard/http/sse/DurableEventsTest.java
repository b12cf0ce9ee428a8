package io.switchboard.http.sse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.switchboard.core.channel.ContentType.Kind;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Run;
import io.switchboard.http.Framing;
import io.switchboard.http.sse.DurableEvents.Control;
import io.switchboard.testkit.sse.EventStreamParser;
import io.switchboard.testkit.sse.EventStreamParser.Event;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DurableEventsTest {
    private static final ByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;
    private static final Offset NEXT = new Offset(1, 3);
    private static final String NEXT_MEMBER = "\"streamNextOffset\":\"a1a3\"";

    @Test
    void aBatchIsOneDataEventAndOneControlEvent() {
        Run run = Runs.of(1, 1, "{\"a\":1}", "{\n\"a\" : 2}", "3");

        assertThat(text(run, Kind.JSON, new Control(NEXT, "123", true, false)))
                .isEqualTo("event: data\ndata:[{\"a\":1},{\ndata:\"a\" : 2},3]\n\n" + "event: control\ndata:{"
                        + NEXT_MEMBER + ",\"streamCursor\":\"123\",\"upToDate\":true}\n\n");
        assertThat(text(Runs.of(1, 1, " a", "b\r", "\nc"), Kind.TEXT, new Control(NEXT, null, false, false)))
                .isEqualTo("event: data\ndata:  ab\ndata:c\n\nevent: control\ndata:{" + NEXT_MEMBER + "}\n\n");
        assertThat(text(Runs.of(1, 1, "", " a", " b"), Kind.TEXT, new Control(NEXT, null, false, false)))
                .startsWith("event: data\ndata:  a b\n\n");
        assertThat(text(Runs.of(1, 1, "a", "bc", "d"), Kind.BINARY, new Control(NEXT, null, true, true)))
                .isEqualTo("event: data\ndata:YWJjZA==\n\nevent: control\ndata:{" + NEXT_MEMBER
                        + ",\"upToDate\":true,\"streamClosed\":true}\n\n");
        assertThat(text(Runs.of(1, 1, "", ""), Kind.TEXT, new Control(NEXT, null, false, false)))
                .startsWith("event: data\ndata:\n\n");
    }

    @Test
    void aControlEventStandsAlone() {
        for (Framing framing : Framing.values()) {
            byte[] body = Runs.body(
                    DurableEvents.control(new Control(NEXT, "c-1", true, false), framing, ALLOCATOR), framing);

            assertThat(new String(body, UTF_8))
                    .isEqualTo("event: control\ndata:{" + NEXT_MEMBER
                            + ",\"streamCursor\":\"c-1\",\"upToDate\":true}\n\n");
        }
    }

    @Test
    void aCursorThatWouldNeedEscapingIsNone() {
        for (String cursor : List.of("", "\"", "a b", "a\n", "é", "x".repeat(65))) {
            assertThatThrownBy(() -> new Control(NEXT, cursor, true, false))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(Framing.class)
    void everyBatchArrivesWhereverTheStreamIsCut(Framing framing) {
        long seed = Long.getLong("switchboard.seed", System.nanoTime());
        Random random = new Random(seed);
        Kind[] kinds = Kind.values();
        for (int round = 0; round < 60; round++) {
            Kind kind = kinds[round % kinds.length];
            List<byte[]> messages = new ArrayList<>();
            int count = 1 + random.nextInt(6);
            for (int i = 0; i < count; i++) {
                String text = Runs.randomText(random);
                messages.add((kind == Kind.JSON ? json(text, random) : text).getBytes(UTF_8));
            }
            Run run = Runs.scattered(messages, random);
            byte[] catchUp = endToEnd(messages, kind);
            String whole = new String(catchUp, UTF_8);
            Control control = new Control(run.lastOffset(), "7", random.nextBoolean(), random.nextBoolean());

            byte[] body = Runs.body(DurableEvents.messages(run, kind, control, framing, ALLOCATOR), framing);
            for (int cut = 0; cut <= body.length; cut++) {
                EventStreamParser parser = new EventStreamParser();
                List<Event> events = new ArrayList<>(parser.feed(body, 0, cut));
                events.addAll(parser.feed(body, cut, body.length));
                String description = "repeat with -Dswitchboard.seed=" + seed + ", round " + round;
                assertThat(events).as(description).hasSize(2);
                assertThat(events.get(0).type()).isEqualTo("data");
                assertThat(events.get(1).type()).isEqualTo("control");
                assertThat(parser.oddities()).isEmpty();
                String data = events.get(0).data();
                if (kind == Kind.BINARY) {
                    assertThat(Base64.getDecoder().decode(data)).as(description).isEqualTo(catchUp);
                } else {
                    assertThat(data).as(description).isEqualTo(Runs.asReceived(whole));
                }
                assertThat(events.get(1).data()).contains(run.lastOffset().toString());
            }
        }
    }

    private static byte[] endToEnd(List<byte[]> messages, Kind kind) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] message : messages) {
            if (kind == Kind.JSON) bytes.write(bytes.size() == 0 ? '[' : ',');
            bytes.writeBytes(message);
        }
        if (kind == Kind.JSON) bytes.write(']');
        return bytes.toByteArray();
    }

    private static String json(String text, Random random) {
        String space = " \n\r\n\r".substring(random.nextInt(6));
        return "{" + space + "\"t\":" + space + "\"" + text.replace("\r", "\\r").replace("\n", "\\n") + "\"" + space
                + "}";
    }

    private static String text(Run run, Kind kind, Control control) {
        return new String(
                Runs.body(DurableEvents.messages(run, kind, control, Framing.BARE, ALLOCATOR), Framing.BARE), UTF_8);
    }
}
