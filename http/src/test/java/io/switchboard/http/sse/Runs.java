package io.switchboard.http.sse;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Run;
import io.switchboard.http.Framing;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Runs to encode, and bodies to take apart. */
final class Runs {
    private Runs() {}

    static Run of(long generation, long firstSequence, String... messages) {
        return of(
                generation,
                firstSequence,
                Stream.of(messages).map(message -> message.getBytes(UTF_8)).toList());
    }

    static Run of(long generation, long firstSequence, List<byte[]> messages) {
        return Run.of(block(generation, firstSequence, messages));
    }

    static Block block(long generation, long firstSequence, List<byte[]> messages) {
        Block.Builder block = new Block.Builder(generation, firstSequence, 0);
        for (byte[] message : messages) block.append(Payloads.one(message), 1, null);
        return block.build();
    }

    /** The run of {@code messages} in blocks of random length, each of its own generation, with cut ends. */
    static Run scattered(List<byte[]> messages, Random random) {
        List<Run.Slice> slices = new java.util.ArrayList<>();
        int generation = 1;
        for (int from = 0; from < messages.size(); generation++) {
            int to = from + 1 + random.nextInt(messages.size() - from);
            int before = random.nextInt(3);
            List<byte[]> padded = new java.util.ArrayList<>();
            for (int i = 0; i < before; i++) padded.add("before".getBytes(UTF_8));
            padded.addAll(messages.subList(from, to));
            padded.add("after".getBytes(UTF_8));
            Block block = block(generation, 100 + from - before, padded);
            slices.add(new Run.Slice(block, before, before + to - from));
            from = to;
        }
        return new Run(slices);
    }

    /** What {@code out} holds without its framing; releases it. It must be exactly full. */
    static byte[] body(ByteBuf out, Framing framing) {
        byte[] all = new byte[out.readableBytes()];
        assertThat(out.maxCapacity()).as("room").isEqualTo(all.length);
        out.readBytes(all);
        out.release();
        return switch (framing) {
            case BARE -> all;
            case CHUNKED -> {
                String text = new String(all, ISO_8859_1);
                int head = text.indexOf("\r\n");
                int size = Integer.parseInt(text.substring(0, head), 16);
                assertThat(text).doesNotStartWith("0").endsWith("\r\n");
                assertThat(all.length).isEqualTo(head + 2 + size + 2);
                yield Arrays.copyOfRange(all, head + 2, head + 2 + size);
            }
        };
    }

    /** What clients get of {@code data}: every line break is LF to them. */
    static String asReceived(String data) {
        return data.replace("\r\n", "\n").replace('\r', '\n');
    }

    static String randomText(Random random) {
        String[] pieces = {
            " ", "  ", "\n", "\r", "\r\n", ":", "data: ", "id:7", "a", "event: gap\n\n", "é", "😀", "longer "
        };
        StringBuilder text = new StringBuilder();
        int count = random.nextInt(8);
        for (int i = 0; i < count; i++) {
            text.append(pieces[random.nextInt(random.nextBoolean() ? 3 : pieces.length)]);
            if (random.nextInt(4) == 0) text.append("x".repeat(random.nextInt(40)));
        }
        return text.toString();
    }
}
