package io.switchboard.core.store;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelInfo;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ChannelPolicy;
import io.switchboard.core.channel.Lineage;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Tail;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One channel inside one commit: its accepted state and what the commit's requests have made of it so
 * far. One thread; ends with the commit.
 */
final class Draft {
    final ChannelName name;
    final ChannelPolicy policy;
    final Ledger.@Nullable Accepted entry;

    /** What was accepted before this commit, or the newly made channel as it began; null for no channel. */
    @Nullable
    ChannelState base;

    boolean created;
    boolean removed;
    boolean retired;

    private Lineage lineage = Lineage.createdIn(0);
    private boolean lineageChanged;
    private boolean messagesAdded;
    private boolean producersChanged;
    private boolean tailChanged; // otherwise than by messages
    private long sequence;
    private long start;
    private long bytes;
    private boolean closed;
    private @Nullable String streamSequence;
    private int producers;
    private int forks;
    private long pin;
    private long deadlineMillis;

    private Block.@Nullable Builder builder;
    private @Nullable Block block;
    private @Nullable ChannelState result;
    private final Map<String, ProducerState> changedProducers = new HashMap<>(4);

    Draft(ChannelName name, ChannelPolicy policy, Ledger.@Nullable Accepted entry) {
        this.name = name;
        this.policy = policy;
        this.entry = entry;
        if (entry != null) takeUp(entry.state);
    }

    private void takeUp(ChannelState state) {
        base = state;
        lineage = state.info().lineage();
        sequence = state.sequence();
        start = state.tail().start();
        bytes = state.tail().bytes();
        closed = state.tail().closed();
        streamSequence = state.streamSequence();
        producers = state.producers();
        forks = state.forks();
        pin = state.pin();
        deadlineMillis = state.deadlineMillis();
        retired = state.deleted();
    }

    /** The channel is new, and begins as {@code state}. */
    void create(ChannelState state) {
        takeUp(state);
        created = true;
    }

    ChannelState base() {
        if (base == null) throw new IllegalStateException("no channel " + name);
        return base;
    }

    boolean isHere() {
        return base != null && !removed && !retired;
    }

    boolean isTouched() {
        return created || removed || tailChanged || messagesAdded || producersChanged || lineageChanged;
    }

    boolean changedByMessagesOnly() {
        return messagesAdded && !tailChanged && !created; // a producer's state is a change of its own
    }

    /** Whether {@code more} payload bytes leave the commit's block of this channel within its size. */
    boolean hasRoomFor(int more) {
        return builder == null || builder.payloadBytes() + (long) more <= Block.TARGET_BYTES;
    }

    boolean hasMessages() {
        return builder != null;
    }

    /** Appends in {@code generation}; what is written in an earlier one stays as it is. */
    void append(long generation, Payloads payloads, long timeMillis, @Nullable String subject) {
        if (builder == null) {
            long now = lineage.generation(lineage.spans() - 1);
            if (generation > now) {
                lineage = lineage.from(start).continuedBy(generation, sequence);
                lineageChanged = true;
            }
            builder = new Block.Builder(generation, sequence + 1, bytes);
        }
        builder.append(payloads, timeMillis, subject);
        sequence += payloads.count();
        bytes += payloads.bytes().length;
        messagesAdded = true;
    }

    long newestGeneration() {
        return lineage.generation(lineage.spans() - 1);
    }

    void close() {
        closed = true;
        tailChanged = true;
    }

    boolean isClosed() {
        return closed;
    }

    @Nullable
    String streamSequence() {
        return streamSequence;
    }

    void streamSequence(String value) {
        streamSequence = value;
        tailChanged = true;
    }

    @Nullable
    ProducerState changedProducer(String id) {
        return changedProducers.get(id);
    }

    int producers() {
        return producers;
    }

    void producer(String id, ProducerState state, boolean isNew) {
        changedProducers.put(id, state);
        producersChanged = true;
        if (!isNew) return;
        producers++;
        tailChanged = true;
    }

    Map<String, ProducerState> changedProducers() {
        return changedProducers;
    }

    int forks() {
        return forks;
    }

    void addFork() {
        if (forks++ == 0) pin = start;
        tailChanged = true;
    }

    /** One fork is gone; the messages kept for forks are not needed any more after the last one. */
    void removeFork() {
        if (--forks == 0) pin = Long.MAX_VALUE;
        tailChanged = true;
    }

    void retire() {
        retired = true;
        producers = 0;
        deadlineMillis = Long.MAX_VALUE;
        tailChanged = true;
    }

    void deadline(long millis) {
        deadlineMillis = millis;
        tailChanged = true;
    }

    void startAt(long newStart) {
        if (newStart <= start) return;
        start = newStart;
        tailChanged = true;
    }

    long start() {
        return start;
    }

    long sequence() {
        return sequence;
    }

    long bytes() {
        return bytes;
    }

    boolean lineageChanged() {
        return lineageChanged;
    }

    Offset offset() {
        return lineage.offsetAt(sequence);
    }

    /** No more requests: builds the block and the state to be accepted. */
    ChannelState finish() {
        if (result == null) {
            block = builder == null ? null : builder.build();
            ChannelInfo info = lineageChanged ? base().info().with(lineage) : base().info();
            result = new ChannelState(
                    info,
                    base().origin(),
                    new Tail(offset(), start, bytes, closed),
                    streamSequence,
                    producers,
                    forks,
                    pin,
                    retired,
                    deadlineMillis);
        }
        return result;
    }

    /** The commit's messages of this channel, once finished; null for none. */
    @Nullable
    Block block() {
        return block;
    }
}
