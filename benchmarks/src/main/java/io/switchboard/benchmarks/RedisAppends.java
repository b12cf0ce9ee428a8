package io.switchboard.benchmarks;

import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ChannelPolicy;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Durability;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Retention;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.Store;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.store.redis.RedisSettings;
import io.switchboard.store.redis.RedisStore;
import io.switchboard.testkit.redis.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * Appends of 100 bytes through one node to a Redis beside it that keeps nothing on disk: how many a second, and how long
 * each takes, with so many in flight over so many channels; and what asking for the replication id costs in a script.
 *
 * <p>Usage: {@code RedisAppends [SECONDS [REPLICAS]]}, 5 each by default. With replicas, each figure is taken twice, one after
 * the other: without waiting for them, and waiting for all. They are there both times.
 */
public final class RedisAppends {
    private static final int SAMPLES_MAX = 1 << 22;
    private static final int ASKED = 50_000;
    private static final Retention KEPT = new Retention(1_000, Retention.UNLIMITED, Retention.UNLIMITED);
    private static final Policies POLICIES =
            new Policies(List.of(), new ChannelPolicy(Durability.OS, KEPT, ChannelPolicy.Creation.EXPLICIT));

    private final Store store;
    private final Payloads message = Payloads.one(new byte[100]);
    private final long[] nanos = new long[SAMPLES_MAX];
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicLong refused = new AtomicLong();
    private volatile boolean ends;

    private RedisAppends(Store store) {
        this.store = store;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int seconds = arguments.length == 0 ? 5 : Integer.parseInt(arguments[0]);
        int replicas = arguments.length < 2 ? 0 : Integer.parseInt(arguments[1]);
        Path folder = Files.createTempDirectory("switchboard-redis-appends");
        List<RedisServer> followers = new ArrayList<>();
        try (RedisServer redis = RedisServer.start(folder, "--repl-diskless-sync-delay", "0")) {
            for (int i = 0; i < replicas; i++) {
                followers.add(RedisServer.start(folder));
                followers.getLast().replicate(redis);
            }
            System.out.printf("in a script, INFO replication takes %.1f us%n", microsOf(redis, "INFO','replication"));
            System.out.printf("in a script, HMGET of 14 fields takes %.1f us%n", microsOf(redis, fields()));
            System.out.println("channels  in flight  waits for  appends/s  p50 us  p99 us");
            for (int channels : new int[] {1, 1_000}) {
                for (int inFlight : new int[] {1, 64, 1_024}) {
                    measure(redis, channels, inFlight, 0, seconds);
                    if (replicas > 0) measure(redis, channels, inFlight, replicas, seconds);
                }
            }
        } finally {
            followers.forEach(RedisServer::close);
            delete(folder);
        }
    }

    private static void measure(RedisServer redis, int channels, int inFlight, int waitsFor, int seconds)
            throws InterruptedException {
        redis.ask("FLUSHALL");
        RedisSettings settings = RedisSettings.of(redis.uri()).waitingFor(waitsFor);
        try (Store store = RedisStore.open(settings, POLICIES, StoreLimits.DEFAULT, Figures.unseen())) {
            ChannelName[] names = made(store, channels);
            new RedisAppends(store).run(names, inFlight, TimeUnit.SECONDS.toNanos(2));
            RedisAppends measured = new RedisAppends(store);
            long begun = System.nanoTime();
            measured.run(names, inFlight, TimeUnit.SECONDS.toNanos(seconds));
            measured.tell(channels, inFlight, waitsFor, System.nanoTime() - begun);
        }
    }

    // A replica leaves there what it began with.
    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) Files.delete(file);
        }
        Files.delete(folder);
    }

    private static String fields() {
        StringBuilder fields = new StringBuilder("HMGET','nobody");
        for (int i = 0; i < 14; i++) fields.append("','f").append(i);
        return fields.toString();
    }

    // What the call costs beyond the loop around it.
    private static double microsOf(RedisServer redis, String call) {
        String loop = "EVAL \"for i=1," + ASKED + " do %s end return 1\" 0";
        long begun = System.nanoTime();
        redis.ask(loop.formatted("local x = i"));
        long empty = System.nanoTime() - begun;
        begun = System.nanoTime();
        redis.ask(loop.formatted("redis.call('" + call + "')"));
        return (System.nanoTime() - begun - empty) / 1_000.0 / ASKED;
    }

    private static ChannelName[] made(Store store, int count) throws InterruptedException {
        ChannelName[] names = new ChannelName[count];
        CountDownLatch created = new CountDownLatch(count);
        for (int i = 0; i < count; i++) {
            names[i] = new ChannelName("bench/" + i);
            store.create(
                    new Create(names[i], ContentType.BINARY, null, false, Payloads.NONE, null, null),
                    outcome -> created.countDown());
        }
        created.await();
        return names;
    }

    private void run(ChannelName[] names, int inFlight, long forNanos) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(inFlight);
        long until = System.nanoTime() + forNanos;
        for (int i = 0; i < inFlight; i++) next(names, i, until, done);
        done.await();
        ends = true;
    }

    private void next(ChannelName[] names, int at, long until, CountDownLatch done) {
        long begun = System.nanoTime();
        if (begun > until || ends) {
            done.countDown();
            return;
        }
        store.append(Append.of(names[at % names.length], ContentType.BINARY, message), outcome -> {
            long now = System.nanoTime();
            if (!(outcome instanceof AppendOutcome.Appended)) refused.incrementAndGet();
            nanos[answered.getAndIncrement() % SAMPLES_MAX] = now - begun;
            next(names, at + 617, until, done);
        });
    }

    private void tell(int channels, int inFlight, int waitsFor, long took) {
        if (refused.get() > 0) throw new IllegalStateException(refused.get() + " appends were refused");
        int samples = Math.min(answered.get(), SAMPLES_MAX);
        long[] sorted = Arrays.copyOf(nanos, samples);
        Arrays.sort(sorted);
        System.out.printf(
                Locale.ROOT,
                "%8d  %9d  %9d  %9.0f  %6.0f  %6.0f%n",
                channels,
                inFlight,
                waitsFor,
                answered.get() * 1e9 / took,
                sorted[samples / 2] / 1_000.0,
                sorted[(int) (samples * 99L / 100)] / 1_000.0);
    }
}
