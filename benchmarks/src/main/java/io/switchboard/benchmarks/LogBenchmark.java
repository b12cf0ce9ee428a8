package io.switchboard.benchmarks;

import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ChannelPolicy;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Durability;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Retention;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.CreateOutcome;
import io.switchboard.core.store.MemoryStore;
import io.switchboard.core.store.Store;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.core.time.Ticker;
import io.switchboard.store.rocksdb.RocksStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** From appends handed to a store until the last of them is answered: its threads, its decisions, one commit or more. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class LogBenchmark {
    private static final ChannelName CHANNEL = new ChannelName("bench");
    /** Old messages go, so that memory and disk do not run full however long it runs. */
    private static final Retention KEPT = new Retention(10_000, Retention.UNLIMITED, Retention.UNLIMITED);

    /** What keeps the log, under which durability. */
    public enum Kind {
        MEMORY,
        ROCKSDB_MEMORY,
        ROCKSDB_OS
    }

    @Param
    public Kind store = Kind.MEMORY;

    @Param({"1", "64"})
    public int appends;

    private final byte[] message =
            ("{\"t\":1234567890123,\"p\":\"" + "x".repeat(100) + "\"}").getBytes(StandardCharsets.US_ASCII);
    private final ContentType type = Objects.requireNonNull(ContentType.parse("application/json"));
    private final Append append = Append.of(CHANNEL, type, Payloads.one(message));
    private final AtomicInteger refused = new AtomicInteger();
    private @Nullable Store opened;
    private @Nullable Path folder;
    private @Nullable ExecutorService executor;

    @Setup
    public void open() throws IOException, InterruptedException {
        Durability durability = store == Kind.ROCKSDB_OS ? Durability.OS : Durability.MEMORY;
        Policies policies =
                new Policies(List.of(), new ChannelPolicy(durability, KEPT, ChannelPolicy.Creation.EXPLICIT));
        Ticker ticker = System::currentTimeMillis;
        Store made;
        if (store == Kind.MEMORY) {
            executor = Executors.newSingleThreadExecutor();
            made = new MemoryStore(policies, StoreLimits.DEFAULT, ticker, executor);
        } else {
            folder = Files.createTempDirectory("switchboard-jmh");
            made = RocksStore.open(folder, policies, StoreLimits.DEFAULT, ticker);
        }
        opened = made;
        CountDownLatch created = new CountDownLatch(1);
        made.create(new Create(CHANNEL, type, null, false, Payloads.NONE, null, null), outcome -> {
            if (!(outcome instanceof CreateOutcome.Created)) refused.incrementAndGet();
            created.countDown();
        });
        created.await();
    }

    /** As many appends as {@code appends} says, all in flight together. */
    @Benchmark
    public void append() throws InterruptedException {
        Store log = Objects.requireNonNull(opened);
        CountDownLatch answered = new CountDownLatch(appends);
        for (int i = 0; i < appends; i++) {
            log.append(append, outcome -> {
                if (!(outcome instanceof AppendOutcome.Appended)) refused.incrementAndGet();
                answered.countDown();
            });
        }
        answered.await();
    }

    /** What was refused would have been measured as fast. */
    @TearDown(Level.Iteration)
    public void check() {
        if (refused.get() > 0) throw new IllegalStateException(refused + " requests were refused");
    }

    @TearDown
    public void close() throws IOException {
        Objects.requireNonNull(opened).close();
        if (executor != null) executor.shutdown();
        if (folder == null) return;
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) Files.delete(file);
        }
    }
}
