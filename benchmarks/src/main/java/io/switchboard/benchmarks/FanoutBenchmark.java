package io.switchboard.benchmarks;

import io.netty.buffer.ByteBuf;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelInfo;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Expiry;
import io.switchboard.core.channel.Lineage;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.reading.Delivery;
import io.switchboard.core.reading.Feed;
import io.switchboard.core.reading.Outlet;
import io.switchboard.core.reading.Page;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.reading.Reader;
import io.switchboard.core.time.Loop;
import io.switchboard.http.socket.MessageFrames;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A commit on its way through a feed to all its live readers, each of which takes the frames that were encoded for all.
 * Without sockets: what is measured is what readers and feed add to a write.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FanoutBenchmark {
    private static final long GENERATION = 7;
    private static final MessageFrames FRAMES = new MessageFrames(0);

    @Param({"1", "100", "10000"})
    public int readers;

    private final ChannelName channel = new ChannelName("bench");
    private final ContentType type = Objects.requireNonNull(ContentType.parse("application/json"));
    private final Payloads message =
            Payloads.one(("{\"p\":\"" + "x".repeat(120) + "\"}").getBytes(StandardCharsets.US_ASCII));
    private final ChannelInfo info =
            new ChannelInfo(channel, 1, type, new Expiry.Never(), Lineage.createdIn(GENERATION), 1_700_000_000_000L);
    private final Turns turns = new Turns();
    private Tail tail = new Tail(new Offset(GENERATION, 0), 0, 0, false);
    private long taken;
    private @Nullable Feed feed;

    /** A loop whose turns are run by whoever measures. */
    private static final class Turns implements Loop {
        private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
        }

        @Override
        public boolean inLoop() {
            return true;
        }

        @Override
        public Timer after(long delayMillis, Runnable task) {
            throw new UnsupportedOperationException("nothing waits here");
        }

        void run() {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) task.run();
        }
    }

    /** The owner of a channel at whose tail everybody begins. */
    private final class Owner implements Feed.Source {
        @Override
        public void register(Feed registering) {
            turns.execute(() -> registering.registered(type, tail));
        }

        @Override
        public void unregister(Feed left) {}

        @Override
        public void page(ChannelName name, ReadFrom from, int bytesMax, Loop answerOn, Consumer<Page> answer) {
            answerOn.execute(() -> answer.accept(new Page.AtTail(info, tail)));
        }

        @Override
        public Feed successor(Feed deleted) {
            throw new UnsupportedOperationException("nothing is deleted here");
        }
    }

    private final class Taker implements Outlet {
        @Override
        public Offer offer(Reader reader, Delivery delivery) {
            ByteBuf frames = delivery.as(FRAMES);
            taken += frames.readableBytes();
            return Offer.ACCEPTED;
        }

        @Override
        public void caughtUp(Reader reader) {}

        @Override
        public AfterGap gap(Reader reader, Offset from, Offset to) {
            throw new IllegalStateException("a gap after " + from);
        }

        @Override
        public void ended(Reader reader, End end) {}
    }

    @Setup
    public void open() {
        feed = new Feed(channel, turns, new Owner(), Figures.unseen(), System::currentTimeMillis);
        for (int i = 0; i < readers; i++) {
            Reader _ = feed.open(new ReadFrom.Now(), new Taker(), false);
        }
        turns.run();
        if (feed.liveReaders() != readers) throw new IllegalStateException(feed.liveReaders() + " are live");
    }

    /** One message of 128 bytes to everybody. */
    @Benchmark
    public long deliver() {
        long sequence = tail.sequence() + 1;
        Block block = new Block.Builder(GENERATION, sequence, tail.bytes())
                .append(message, 1_700_000_000_000L, null)
                .build();
        tail = new Tail(block.lastOffset(), 0, tail.bytes() + block.payloadBytes(), false);
        Objects.requireNonNull(feed).committed(block, tail, () -> false);
        turns.run();
        return taken;
    }

    @TearDown
    public void everybodyIsStillThere() {
        int live = Objects.requireNonNull(feed).liveReaders();
        if (live != readers) throw new IllegalStateException(live + " are live");
    }
}
