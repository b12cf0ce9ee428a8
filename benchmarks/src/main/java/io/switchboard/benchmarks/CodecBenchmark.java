package io.switchboard.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Run;
import io.switchboard.core.reading.Delivery;
import io.switchboard.http.Framing;
import io.switchboard.http.socket.MessageFrames;
import io.switchboard.http.sse.PlainEvents;
import io.switchboard.http.wire.JsonMessages;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Messages in the forms in which they are kept and sent, few and many at a time. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CodecBenchmark {
    private static final ChannelName CHANNEL = new ChannelName("bench");

    @Param({"1", "64"})
    public int messages;

    private final byte[] message = ("{\"t\":1234567890123,\"symbol\":\"ABCDEF\",\"price\":123.456,\"volume\":1000,"
                    + "\"exchange\":\"XNYS\",\"side\":\"buy\",\"note\":\"0123456789012345678\"}")
            .getBytes(StandardCharsets.US_ASCII);
    private final ContentType json = Objects.requireNonNull(ContentType.parse("application/json"));
    private final MessageFrames frames = new MessageFrames(0);
    private final MessageFrames compressed = new MessageFrames(15);
    private Block block = Block.of(oneBlock(1).bytes());
    private Run run = Run.of(block);
    private Delivery delivery = new Delivery(CHANNEL, run, json, true, false);
    private byte[] array = message;

    private Block oneBlock(int count) {
        Block.Builder builder = new Block.Builder(7, 1, 0);
        for (int i = 0; i < count; i++) builder.append(Payloads.one(message), 1_700_000_000_000L + i, null);
        return builder.build();
    }

    @Setup
    public void fill() {
        block = oneBlock(messages);
        run = Run.of(block);
        delivery = new Delivery(CHANNEL, run, json, true, false);
        String one = new String(message, StandardCharsets.US_ASCII);
        array = ("[" + (one + ",").repeat(messages - 1) + one + "]").getBytes(StandardCharsets.US_ASCII);
    }

    /** Into WebSocket frames. */
    @Benchmark
    public int webSocketFrames() {
        return sizeOf(frames.encode(delivery));
    }

    /** Into WebSocket frames, each compressed. */
    @Benchmark
    public int compressedFrames() {
        return sizeOf(compressed.encode(delivery));
    }

    /** Into the lines of an event stream, in one chunk. */
    @Benchmark
    public int eventStreamLines() {
        return sizeOf(PlainEvents.messages(run, ContentType.Kind.JSON, Framing.CHUNKED, ByteBufAllocator.DEFAULT));
    }

    private static int sizeOf(ByteBuf encoded) {
        int bytes = encoded.readableBytes();
        encoded.release();
        return bytes;
    }

    /** A body that is a JSON array into its messages. */
    @Benchmark
    public JsonMessages.Result jsonArray() {
        return JsonMessages.split(array);
    }

    /** Messages into a block. */
    @Benchmark
    public Block buildBlock() {
        return oneBlock(messages);
    }

    /** A block from its bytes, checked, as it is read from the log. */
    @Benchmark
    public Block readBlock() {
        return Block.of(block.bytes());
    }
}
