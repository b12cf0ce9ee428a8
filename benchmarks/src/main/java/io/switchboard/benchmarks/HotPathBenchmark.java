package io.switchboard.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Run;
import io.switchboard.http.Framing;
import io.switchboard.http.sse.PlainEvents;
import io.switchboard.http.wire.JsonMessages;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What happens once for every append, and once for every delivery. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HotPathBenchmark {
    private static final int MESSAGES = 64;

    private final byte[] message = ("{\"t\":1234567890123,\"symbol\":\"ABCDEF\",\"price\":123.456,\"volume\":1000,"
                    + "\"exchange\":\"XNYS\",\"side\":\"buy\",\"note\":\"0123456789012345678\"}")
            .getBytes(StandardCharsets.US_ASCII);
    private final Run run = Run.of(block());

    private Block block() {
        Block.Builder builder = new Block.Builder(7, 1, 0);
        for (int i = 0; i < MESSAGES; i++) builder.append(Payloads.one(message), 1_700_000_000_000L + i, null);
        return builder.build();
    }

    /** 64 messages of 130 bytes into one chunk of plain SSE. */
    @Benchmark
    public int encodeEvents() {
        ByteBuf chunk = PlainEvents.messages(run, ContentType.Kind.JSON, Framing.CHUNKED, ByteBufAllocator.DEFAULT);
        int bytes = chunk.readableBytes();
        chunk.release();
        return bytes;
    }

    /** One JSON body into its message. */
    @Benchmark
    public JsonMessages.Result splitJson() {
        return JsonMessages.split(message);
    }

    /** One commit of 64 appends into a block. */
    @Benchmark
    public Block buildBlock() {
        return block();
    }
}
