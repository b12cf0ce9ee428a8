package io.switchboard.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ChannelPattern;
import io.switchboard.core.channel.ChannelPolicy;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Durability;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Producer;
import io.switchboard.core.channel.Retention;
import io.switchboard.core.figures.Figures;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When answers are given and messages shown, and what is left after the disk failed; every step by hand. */
class DurabilityRulesTest {
    private static final ChannelName SYNCED = new ChannelName("fsync/a");
    private static final ChannelName PLAIN = new ChannelName("plain");
    private static final Policies POLICIES = new Policies(
            List.of(new Policies.Rule(
                    new ChannelPattern("fsync/*"),
                    new ChannelPolicy(Durability.FSYNC, Retention.FOREVER, ChannelPolicy.Creation.EXPLICIT))),
            ChannelPolicy.DEFAULT);

    private final ArrayDeque<Runnable> commits = new ArrayDeque<>();
    private final ArrayDeque<Runnable> syncs = new ArrayDeque<>();
    private final Disk disk = new Disk();
    private final SteppedStore store = new SteppedStore(disk, commits::add, syncs::add);
    private final List<Object> outcomes = new ArrayList<>();

    private static final class SteppedStore extends LocalStore {
        SteppedStore(Disk disk, Executor committing, Executor syncing) {
            super(disk, POLICIES, StoreLimits.DEFAULT, () -> 42, committing, syncing, Runnable::run, Figures.unseen());
        }
    }

    /** Memory that fails when it is told to. */
    private static final class Disk implements Persistence {
        private final MemoryPersistence memory = new MemoryPersistence(new Generations(10, 10));

        @Nullable
        Failure writing;

        @Nullable
        Failure syncing;

        @Nullable
        Failure reserving;

        private static void fail(@Nullable Failure failure) {
            if (failure != null) throw new PersistenceException(failure, "as told");
        }

        @Override
        public @Nullable ChannelState channel(ChannelName name) {
            return memory.channel(name);
        }

        @Override
        public @Nullable ChannelState channel(long id) {
            return memory.channel(id);
        }

        @Override
        public @Nullable ProducerState producer(long channelId, String producer) {
            return memory.producer(channelId, producer);
        }

        @Override
        public List<Block> blocks(long channelId, long sequence, long bytesMax) {
            return memory.blocks(channelId, sequence, bytesMax);
        }

        @Override
        public List<ChannelState> list(String prefix, String after, int limit) {
            return memory.list(prefix, after, limit);
        }

        @Override
        public List<ChannelName> expired(long nowMillis, int limit) {
            return memory.expired(nowMillis, limit);
        }

        @Override
        public void write(Changes changes) {
            fail(writing);
            memory.write(changes);
        }

        @Override
        public void sync() {
            fail(syncing);
        }

        @Override
        public Generations generations() {
            return memory.generations();
        }

        @Override
        public void reserveGenerations(long through) {
            fail(reserving);
        }

        @Override
        public void close(Generations generations) {
            memory.close(generations);
        }
    }

    @BeforeEach
    void createChannels() {
        for (ChannelName name : List.of(SYNCED, PLAIN)) {
            store.create(new Create(name, null, null, false, Payloads.NONE, null, null), created -> {});
        }
        commit();
        sync();
    }

    private void commit() {
        while (!commits.isEmpty()) commits.poll().run();
    }

    private void sync() {
        while (!syncs.isEmpty()) syncs.poll().run();
    }

    private static Payloads payload(String message) {
        return Payloads.one(message.getBytes(StandardCharsets.UTF_8));
    }

    private void append(ChannelName channel, String message) {
        store.append(Append.of(channel, ContentType.BINARY, payload(message)), outcomes::add);
    }

    private void produce(ChannelName channel, long sequence) {
        store.append(
                new Append(
                        channel,
                        ContentType.BINARY,
                        payload("p" + sequence),
                        false,
                        new Producer("p", 0, sequence),
                        null,
                        null),
                outcomes::add);
    }

    private Found found(ChannelName name) {
        List<FindOutcome> answers = new ArrayList<>();
        store.find(name, answers::add);
        if (answers.getFirst() instanceof FindOutcome.Here(Found found)) return found;
        throw new AssertionError(answers);
    }

    private ReadOutcome read(ChannelName name, long sequence) {
        ChannelState channel = Objects.requireNonNull(disk.channel(name));
        List<ReadOutcome> answers = new ArrayList<>();
        store.read(name, channel.id(), sequence, 1_000, answers::add);
        return answers.getFirst();
    }

    private static Offset offset(Object outcome) {
        return ((AppendOutcome.Appended) outcome).offset();
    }

    @Test
    void whatIsNotSyncedIsNeitherToldNorShown() {
        append(SYNCED, "a");
        commit();
        assertThat(outcomes).isEmpty();
        assertThat(read(SYNCED, 0)).isEqualTo(new ReadOutcome.AtTail());
        assertThat(found(SYNCED).tail().sequence()).isZero();
        sync();
        assertThat(outcomes).singleElement().isInstanceOf(AppendOutcome.Appended.class);
        assertThat(read(SYNCED, 0)).isInstanceOf(ReadOutcome.Messages.class);
        assertThat(found(SYNCED).tail().sequence()).isEqualTo(1);
    }

    @Test
    void aReadEndsWhereTheSyncDid() {
        append(SYNCED, "a");
        commit();
        sync();
        append(SYNCED, "b");
        commit();
        assertThat(read(SYNCED, 0)).isInstanceOfSatisfying(ReadOutcome.Messages.class, messages -> assertThat(
                        messages.run().lastSequence())
                .isEqualTo(1));
        assertThat(read(SYNCED, 1)).isEqualTo(new ReadOutcome.AtTail());
        append(SYNCED, "c");
        commit();
        sync();
        assertThat(read(SYNCED, 1)).isInstanceOf(ReadOutcome.Messages.class);
        assertThat(found(SYNCED).tail().sequence()).isEqualTo(3);
    }

    @Test
    void nobodyElseWaitsForASync() {
        append(SYNCED, "a");
        append(PLAIN, "b");
        commit();
        assertThat(outcomes)
                .singleElement()
                .isInstanceOfSatisfying(
                        AppendOutcome.Appended.class,
                        appended -> assertThat(appended.tail().bytes()).isEqualTo(1));
        assertThat(found(PLAIN).tail().sequence()).isEqualTo(1);
    }

    @Test
    void aDuplicateWaitsForItsOriginal() {
        produce(SYNCED, 0);
        commit();
        produce(SYNCED, 0);
        commit();
        assertThat(outcomes).isEmpty();
        sync();
        assertThat(outcomes).hasSize(2);
        assertThat(outcomes.get(0)).isInstanceOf(AppendOutcome.Appended.class);
        assertThat(outcomes.get(1)).isInstanceOf(AppendOutcome.Duplicate.class);
    }

    @Test
    void aRefusalDoesNotOvertake() {
        produce(SYNCED, 0);
        commit();
        produce(SYNCED, 5);
        commit();
        assertThat(outcomes).isEmpty();
        sync();
        assertThat(outcomes.get(1)).isEqualTo(new AppendOutcome.SequenceGap(1, 5));
    }

    @Test
    void aForkIsNotShownBeforeTheMessagesItInheritsAreSynced() {
        append(SYNCED, "a");
        commit();
        List<CreateOutcome> created = new ArrayList<>();
        ChannelName fork = new ChannelName("fork");
        store.create(
                new Create(fork, null, null, false, Payloads.NONE, new Create.Fork(SYNCED, null, 0), null),
                created::add);
        commit();
        assertThat(created).isEmpty();
        assertThat(read(fork, 0)).isEqualTo(new ReadOutcome.AtTail());
        sync();
        assertThat(created).singleElement().isInstanceOf(CreateOutcome.Created.class);
        assertThat(read(fork, 0)).isInstanceOf(ReadOutcome.Messages.class);
    }

    @Test
    void aFailedCommitLeavesNothingAndItsOffsetsAreNotUsedAgain() {
        append(PLAIN, "a");
        commit();
        disk.writing = Failure.FULL;
        append(PLAIN, "lost");
        produce(PLAIN, 0);
        append(PLAIN, "lost too");
        commit();
        AppendOutcome failed = new AppendOutcome.Failed(Failure.FULL);
        assertThat(outcomes.subList(1, 4)).containsExactly(failed, failed, failed);
        assertThat(read(PLAIN, 0)).isInstanceOf(ReadOutcome.Messages.class);
        disk.writing = null;
        produce(PLAIN, 1);
        produce(PLAIN, 0);
        commit();
        assertThat(outcomes.get(4)).isEqualTo(new AppendOutcome.SequenceGap(0, 1));
        Offset first = offset(outcomes.get(0));
        Offset next = offset(outcomes.get(5));
        assertThat(next.sequence()).isEqualTo(2);
        assertThat(next.generation()).isGreaterThan(first.generation());
        assertThat(found(PLAIN).info().lineage().contains(first)).isTrue();
        assertThat(found(PLAIN).info().lineage().contains(new Offset(first.generation(), 2)))
                .isFalse();
    }

    @Test
    void aFailedSyncFailsItsAppendsAndHidesThemUntilOneSucceeds() {
        disk.syncing = Failure.UNAVAILABLE;
        produce(SYNCED, 0);
        commit();
        sync();
        assertThat(outcomes).containsExactly(new AppendOutcome.Failed(Failure.UNAVAILABLE));
        assertThat(read(SYNCED, 0)).isEqualTo(new ReadOutcome.AtTail());
        assertThat(found(SYNCED).tail().sequence()).isZero();
        disk.syncing = null;
        produce(SYNCED, 0);
        produce(SYNCED, 1);
        commit();
        sync();
        assertThat(outcomes.get(1)).isInstanceOf(AppendOutcome.Duplicate.class);
        assertThat(outcomes.get(2)).isInstanceOf(AppendOutcome.Appended.class);
        assertThat(read(SYNCED, 0)).isInstanceOf(ReadOutcome.Messages.class);
        assertThat(found(SYNCED).tail().sequence()).isEqualTo(2);
        assertThat(found(SYNCED).info().lineage().spans()).isEqualTo(2);
    }

    @Test
    void aLaterSyncOfTheOwnerShowsWhatAFailedOneHid() {
        disk.syncing = Failure.UNAVAILABLE;
        append(SYNCED, "a");
        commit();
        sync();
        disk.syncing = null;
        store.sync();
        assertThat(read(SYNCED, 0)).isInstanceOf(ReadOutcome.Messages.class);
    }

    @Test
    void whileNoGenerationCanBeReservedNothingIsAccepted() {
        disk.writing = Failure.FULL;
        disk.reserving = Failure.FULL;
        for (int i = 0; i < 3; i++) {
            append(PLAIN, "x");
            commit();
        }
        assertThat(outcomes).hasSize(3).containsOnly(new AppendOutcome.Failed(Failure.FULL));
        disk.writing = null;
        disk.reserving = null;
        append(PLAIN, "a");
        commit();
        assertThat(offset(outcomes.get(3)).sequence()).isEqualTo(1);
    }

    @Test
    void anAnswerThatThrowsDoesNoHarmToTheOthers() {
        Thread.UncaughtExceptionHandler before = Thread.currentThread().getUncaughtExceptionHandler();
        List<Throwable> reported = new ArrayList<>();
        Thread.currentThread().setUncaughtExceptionHandler((thread, mistake) -> reported.add(mistake));
        try {
            store.append(Append.of(PLAIN, ContentType.BINARY, payload("a")), outcome -> {
                throw new IllegalStateException("a mistake of the caller");
            });
            append(PLAIN, "b");
            commit();
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(before);
        }
        assertThat(outcomes).singleElement().isInstanceOf(AppendOutcome.Appended.class);
        assertThat(reported).hasSize(1);
    }
}
