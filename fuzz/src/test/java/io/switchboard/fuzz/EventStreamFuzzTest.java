package io.switchboard.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ContentType.Kind;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Run;
import io.switchboard.http.Framing;
import io.switchboard.http.sse.DurableEvents;
import io.switchboard.http.sse.PlainEvents;
import io.switchboard.testkit.sse.EventStreamParser;
import io.switchboard.testkit.sse.EventStreamParser.Event;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("slow") // the fuzzer takes its time to start, seeds or not
class EventStreamFuzzTest {
    private static final ByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

    static Stream<byte[]> seeds() {
        return Stream.of("a\0b\nc\0 d\r\n\r\nevent: control\0", "\r\0\n\0 \0\0é😀\0", "data: x\0id:7\n\n\0:\0")
                .map(text -> text.getBytes(UTF_8));
    }

    /** A zero byte ends a message; every third one ends a block as well. */
    @MethodSource("seeds")
    @FuzzTest(maxDuration = "1m")
    void whatIsParsedIsWhatWasEncoded(byte[] bytes) {
        List<byte[]> texts = new ArrayList<>();
        for (String text : new String(bytes, UTF_8).split("\0", -1)) texts.add(text.getBytes(UTF_8));
        Run run = run(texts);

        assertPlain(run, texts, Kind.TEXT);
        assertPlain(run, texts, Kind.BINARY);
        for (Kind kind : Kind.values()) assertDurable(run, texts, kind);
    }

    private static Run run(List<byte[]> messages) {
        List<Block> blocks = new ArrayList<>();
        for (int from = 0; from < messages.size(); from += 3) {
            Block.Builder block = new Block.Builder(1 + from, 1 + from, 0);
            for (byte[] message : messages.subList(from, Math.min(messages.size(), from + 3))) {
                block.append(Payloads.one(message), 0, null);
            }
            blocks.add(block.build());
        }
        return Run.of(blocks);
    }

    private static void assertPlain(Run run, List<byte[]> messages, Kind kind) {
        List<Event> events = parsed(PlainEvents.messages(run, kind, Framing.BARE, ALLOCATOR));
        assertThat(events).hasSameSizeAs(messages);
        for (int i = 0; i < messages.size(); i++) {
            assertThat(events.get(i))
                    .isEqualTo(new Event(
                            "message", received(messages.get(i), kind), new Offset(1 + i / 3 * 3, 1 + i).toString()));
        }
    }

    private static void assertDurable(Run run, List<byte[]> messages, Kind kind) {
        DurableEvents.Control control = new DurableEvents.Control(run.lastOffset(), "1", true, false);
        List<Event> events = parsed(DurableEvents.messages(run, kind, control, Framing.BARE, ALLOCATOR));
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] message : messages) {
            if (kind == Kind.JSON) all.write(all.size() == 0 ? '[' : ',');
            all.writeBytes(message);
        }
        if (kind == Kind.JSON) all.write(']');
        assertThat(events)
                .containsExactly(
                        new Event("data", received(all.toByteArray(), kind), ""),
                        new Event(
                                "control",
                                "{\"streamNextOffset\":\"" + run.lastOffset()
                                        + "\",\"streamCursor\":\"1\",\"upToDate\":true}",
                                ""));
    }

    private static String received(byte[] data, Kind kind) {
        return switch (kind) {
            case JSON, TEXT -> new String(data, UTF_8).replace("\r\n", "\n").replace('\r', '\n');
            case BINARY -> Base64.getEncoder().encodeToString(data);
        };
    }

    private static List<Event> parsed(ByteBuf stream) {
        byte[] bytes = new byte[stream.readableBytes()];
        assertThat(stream.maxCapacity()).isEqualTo(bytes.length);
        stream.readBytes(bytes);
        stream.release();
        EventStreamParser parser = new EventStreamParser();
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < bytes.length; i++) events.addAll(parser.feed(bytes, i, i + 1));
        assertThat(parser.oddities()).isEmpty();
        assertThat(parser.betweenEvents()).isTrue();
        return events;
    }
}
