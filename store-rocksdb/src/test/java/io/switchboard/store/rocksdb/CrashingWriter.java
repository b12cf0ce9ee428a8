package io.switchboard.store.rocksdb;

import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ChannelPattern;
import io.switchboard.core.channel.ChannelPolicy;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Durability;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Producer;
import io.switchboard.core.channel.Retention;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.Store;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.testkit.store.Asking;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * A process that writes until it is killed: on each channel some producers, each with a few appends
 * under way, telling on its output every one that was acknowledged. A restarted writer begins a new
 * epoch, given as its argument.
 */
final class CrashingWriter {
    static final List<String> CHANNELS = List.of("os/a", "os/b", "fsync/a", "fsync/b", "fsync/c");
    static final int PRODUCERS = 3;
    static final Policies POLICIES = new Policies(
            List.of(rule("fsync/**", Durability.FSYNC), rule("memory/**", Durability.MEMORY)), ChannelPolicy.DEFAULT);

    private static final int UNDER_WAY = 8;

    private CrashingWriter() {}

    private static Policies.Rule rule(String pattern, Durability durability) {
        return new Policies.Rule(
                new ChannelPattern(pattern),
                new ChannelPolicy(durability, Retention.FOREVER, ChannelPolicy.Creation.EXPLICIT));
    }

    public static void main(String[] arguments) throws Exception {
        long epoch = Long.parseLong(arguments[1]);
        Store store = RocksStore.open(Path.of(arguments[0]), POLICIES, StoreLimits.DEFAULT, System::currentTimeMillis);
        Asking ask = new Asking(store);
        for (String channel : CHANNELS) {
            ask.create(
                    new Create(new ChannelName(channel), ContentType.BINARY, null, false, Payloads.NONE, null, null));
        }
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        for (String channel : CHANNELS) {
            for (int producer = 0; producer < PRODUCERS; producer++) {
                new Writing(store, out, channel, "p" + producer, epoch).begin();
            }
        }
        new CountDownLatch(1).await();
    }

    /** One producer: each acknowledged append brings on the next. */
    private record Writing(Store store, PrintStream out, String channel, String producer, long epoch) {
        void begin() {
            Sequence sequence = new Sequence();
            for (int i = 0; i < UNDER_WAY; i++) next(sequence);
        }

        // Answers of a channel come in order and on one thread at a time.
        private void next(Sequence sequence) {
            long number = sequence.next();
            Append append = new Append(
                    new ChannelName(channel),
                    ContentType.BINARY,
                    Asking.payloads(message(producer, epoch, number)),
                    false,
                    new Producer(producer, epoch, number),
                    null,
                    null);
            store.append(append, outcome -> {
                if (!(outcome instanceof AppendOutcome.Appended)) throw new IllegalStateException(outcome.toString());
                out.println(channel + " " + message(producer, epoch, number));
                next(sequence);
            });
        }
    }

    private static final class Sequence {
        private long last = -1;

        synchronized long next() {
            return ++last;
        }
    }

    static String message(String producer, long epoch, long number) {
        return producer + ":" + epoch + ":" + number;
    }
}
