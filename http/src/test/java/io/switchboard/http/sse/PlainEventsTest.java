package io.switchboard.http.sse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.switchboard.core.channel.ContentType.Kind;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Run;
import io.switchboard.http.Framing;
import io.switchboard.testkit.sse.EventStreamParser;
import io.switchboard.testkit.sse.EventStreamParser.Event;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlainEventsTest {
    private static final ByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

    @Test
    void aMessageIsAnIdAndItsData() {
        Run run = Runs.of(3, 9, "{\"a\":1}", " x", "a\nb\r\nc\rd", "", "\n", "\n b");

        assertThat(text(run, Kind.TEXT)).isEqualTo("""
                        id:a3a9
                        data:{"a":1}

                        id:a3b10
                        data:  x

                        id:a3b11
                        data:a
                        data:b
                        data:c
                        data:d

                        id:a3b12
                        data:

                        id:a3b13
                        data:
                        data:

                        id:a3b14
                        data:
                        data:  b

                        """);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 8, 98, 995, 99_999, 999_999_994, 999_999_999_999_990L, Offset.PART_MAX - 10})
    void idsGrowWithTheirNumbers(long first) {
        Run run = Runs.of(12, first, "0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            expected.append("id:")
                    .append(new Offset(12, first + i))
                    .append("\ndata:")
                    .append(i)
                    .append("\n\n");
        }

        for (Framing framing : Framing.values()) {
            ByteBuf events = PlainEvents.messages(run, Kind.JSON, framing, ALLOCATOR);
            assertThat(new String(Runs.body(events, framing), UTF_8)).hasToString(expected.toString());
        }
    }

    @Test
    void binaryMessagesAreBase64() {
        Run run = Runs.of(
                1, 99, List.of(new byte[0], new byte[] {-1}, new byte[] {0, 1}, new byte[] {2, 3, 4}, new byte[3000]));

        assertThat(text(run, Kind.BINARY))
                .isEqualTo("id:a1b99\ndata:\n\n"
                        + "id:a1c100\ndata:/w==\n\n"
                        + "id:a1c101\ndata:AAE=\n\n"
                        + "id:a1c102\ndata:AgME\n\n"
                        + "id:a1c103\ndata:" + "A".repeat(4000) + "\n\n");
    }

    @ParameterizedTest
    @EnumSource(Framing.class)
    void everyMessageArrivesWhereverTheStreamIsCut(Framing framing) {
        long seed = Long.getLong("switchboard.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            List<String> messages = new ArrayList<>();
            int count = 1 + random.nextInt(6);
            for (int i = 0; i < count; i++) messages.add(Runs.randomText(random));
            Run run = Runs.scattered(
                    messages.stream().map(message -> message.getBytes(UTF_8)).toList(), random);
            List<Event> expected = new ArrayList<>();
            for (Run.Slice slice : run.slices()) {
                for (int i = slice.from(); i < slice.to(); i++) {
                    String id =
                            new Offset(slice.block().generation(), slice.block().firstSequence() + i).toString();
                    String message = new String(slice.block().message(i), UTF_8);
                    expected.add(new Event("message", Runs.asReceived(message), id));
                }
            }

            byte[] body = Runs.body(PlainEvents.messages(run, Kind.TEXT, framing, ALLOCATOR), framing);
            for (int cut = 0; cut <= body.length; cut++) {
                EventStreamParser parser = new EventStreamParser();
                List<Event> events = new ArrayList<>(parser.feed(body, 0, cut));
                events.addAll(parser.feed(body, cut, body.length));
                assertThat(events.equals(expected) && parser.oddities().isEmpty() && parser.betweenEvents())
                        .as("repeat with -Dswitchboard.seed=%d, round %d: %s", seed, round, events)
                        .isTrue();
            }
        }
    }

    @Test
    void binaryMessagesOfAnyLengthArrive() {
        Random random = new Random(5);
        List<byte[]> messages = new ArrayList<>();
        for (int length = 0; length < 1100; length += 1 + random.nextInt(5)) {
            byte[] message = new byte[length];
            random.nextBytes(message);
            messages.add(message);
        }
        Run run = Runs.scattered(messages, random);

        List<Event> events = new EventStreamParser()
                .feed(Runs.body(PlainEvents.messages(run, Kind.BINARY, Framing.CHUNKED, ALLOCATOR), Framing.CHUNKED));

        assertThat(events).hasSize(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            assertThat(Base64.getDecoder().decode(events.get(i).data())).isEqualTo(messages.get(i));
        }
    }

    @Test
    void noticesAreEventsOfTheirOwn() {
        for (Framing framing : Framing.values()) {
            EventStreamParser parser = new EventStreamParser();
            List<Event> events = new ArrayList<>();
            Offset from = new Offset(1, 5);
            Offset to = new Offset(2, 17);
            events.addAll(parser.feed(Runs.body(PlainEvents.retry(1500, framing, ALLOCATOR), framing)));
            events.addAll(parser.feed(Runs.body(PlainEvents.heartbeat(framing, ALLOCATOR), framing)));
            events.addAll(parser.feed(Runs.body(PlainEvents.gap(from, to, framing, ALLOCATOR), framing)));
            events.addAll(parser.feed(Runs.body(PlainEvents.closed(framing, ALLOCATOR), framing)));
            events.addAll(parser.feed(Runs.body(PlainEvents.deleted(framing, ALLOCATOR), framing)));

            assertThat(events)
                    .containsExactly(
                            new Event("gap", "{\"from\":\"" + from + "\",\"to\":\"" + to + "\"}", to.toString()),
                            new Event("closed", "{}", to.toString()),
                            new Event("deleted", "{}", to.toString()));
            assertThat(parser.retryMillis()).isEqualTo(1500);
            assertThat(parser.comments()).containsExactly("");
            assertThat(parser.oddities()).isEmpty();
        }
        assertThatThrownBy(() -> PlainEvents.retry(-1, Framing.BARE, ALLOCATOR))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theSizeOfAChunkIsWrittenInAsFewDigitsAsItHas() {
        for (int length : List.of(1, 15, 16, 17, 200, 255, 256, 4050, 4095, 4096, 65535, 65536, 1_048_575, 1_048_576)) {
            byte[] bytes = new byte[length];
            assertThat(Runs.body(Framing.CHUNKED.frame(bytes, ALLOCATOR), Framing.CHUNKED))
                    .hasSize(length);
        }
    }

    private static String text(Run run, Kind kind) {
        return new String(Runs.body(PlainEvents.messages(run, kind, Framing.BARE, ALLOCATOR), Framing.BARE), UTF_8);
    }
}
