package io.switchboard.core.store;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Maps. Any thread: one at a time is let in. */
public final class MemoryPersistence implements Persistence {
    private record Deadline(long millis, ChannelName name) implements Comparable<Deadline> {
        @Override
        public int compareTo(Deadline other) {
            int byTime = Long.compare(millis, other.millis);
            return byTime != 0 ? byTime : name.compareTo(other.name);
        }
    }

    private static final class Kept {
        ChannelState state;
        final Map<String, ProducerState> producers = new HashMap<>();
        final TreeMap<Long, Block> blocks = new TreeMap<>(); // by last sequence

        Kept(ChannelState state) {
            this.state = state;
        }
    }

    private final Generations first;
    private final TreeMap<String, Kept> byName = new TreeMap<>();
    private final Map<Long, Kept> byId = new HashMap<>();
    private final TreeSet<Deadline> deadlines = new TreeSet<>();

    public MemoryPersistence(Generations first) {
        this.first = first;
    }

    @Override
    public synchronized @Nullable ChannelState channel(ChannelName name) {
        Kept kept = byName.get(name.value());
        return kept == null ? null : kept.state;
    }

    @Override
    public synchronized @Nullable ChannelState channel(long id) {
        Kept kept = byId.get(id);
        return kept == null ? null : kept.state;
    }

    @Override
    public synchronized @Nullable ProducerState producer(long channelId, String producer) {
        Kept kept = byId.get(channelId);
        return kept == null ? null : kept.producers.get(producer);
    }

    @Override
    public synchronized List<Block> blocks(long channelId, long sequence, long bytesMax) {
        Kept kept = byId.get(channelId);
        List<Block> blocks = new ArrayList<>();
        if (kept == null) return blocks;
        long bytes = 0;
        for (Block block : kept.blocks.tailMap(sequence, false).values()) {
            blocks.add(block);
            bytes += block.payloadBytes();
            if (bytes >= bytesMax) break;
        }
        return blocks;
    }

    @Override
    public synchronized List<ChannelState> list(String prefix, String after, int limit) {
        List<ChannelState> page = new ArrayList<>();
        boolean fromPrefix = prefix.compareTo(after) > 0;
        for (Kept kept : byName.tailMap(fromPrefix ? prefix : after, fromPrefix).values()) {
            if (page.size() == limit || !kept.state.name().value().startsWith(prefix)) break;
            if (!kept.state.deleted()) page.add(kept.state);
        }
        return page;
    }

    @Override
    public synchronized List<ChannelName> expired(long nowMillis, int limit) {
        List<ChannelName> names = new ArrayList<>();
        for (Deadline deadline : deadlines) {
            if (deadline.millis > nowMillis || names.size() == limit) break;
            names.add(deadline.name);
        }
        return names;
    }

    @Override
    public synchronized void write(Changes changes) {
        for (Change change : changes.unlogged()) make(change);
        for (Change change : changes.logged()) make(change);
    }

    private void make(Change change) {
        switch (change) {
            case Change.PutChannel(ChannelState state) -> {
                Kept kept = byId.computeIfAbsent(state.id(), id -> new Kept(state));
                kept.state = state;
                byName.put(state.name().value(), kept);
            }
            case Change.PutTail(ChannelState state, boolean followsFromBlock) -> kept(state).state = state;
            case Change.PutBlock(ChannelState state, Block block) ->
                kept(state).blocks.put(block.lastSequence(), block);
            case Change.PutProducer(long channelId, String producer, ProducerState state) -> {
                Kept kept = byId.get(channelId);
                if (kept != null) kept.producers.put(producer, state);
            }
            case Change.MoveDeadline(ChannelState state, long fromMillis, long toMillis) -> {
                if (fromMillis != Long.MAX_VALUE) deadlines.remove(new Deadline(fromMillis, state.name()));
                if (toMillis != Long.MAX_VALUE) deadlines.add(new Deadline(toMillis, state.name()));
            }
            case Change.Retire(ChannelState state) -> kept(state).producers.clear();
            case Change.Remove(ChannelState state) -> {
                byId.remove(state.id());
                byName.remove(state.name().value());
            }
            case Change.Trim(ChannelState state, long from) ->
                kept(state).blocks.headMap(state.keptAfter(), true).clear();
        }
    }

    private Kept kept(ChannelState state) {
        Kept kept = byId.get(state.id());
        if (kept == null) throw new IllegalStateException("no channel " + state.id());
        return kept;
    }

    @Override
    public void sync() {
        // nothing here survives anything
    }

    @Override
    public Generations generations() {
        return first;
    }

    @Override
    public void reserveGenerations(long through) {
        // the next store begins at a later moment, and so at a later generation
    }

    @Override
    public synchronized void close(Generations generations) {
        byName.clear();
        byId.clear();
        deadlines.clear();
    }
}
