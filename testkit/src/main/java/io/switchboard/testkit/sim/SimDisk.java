package io.switchboard.testkit.sim;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.store.Change;
import io.switchboard.core.store.Changes;
import io.switchboard.core.store.ChannelState;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.MemoryPersistence;
import io.switchboard.core.store.Persistence;
import io.switchboard.core.store.PersistenceException;
import io.switchboard.core.store.ProducerState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A disk that can fail, and that loses what was not synced when the power goes. It keeps a journal of
 * all writes; what it holds after a crash is what a part of the journal says. Belongs to the world's
 * thread.
 */
public final class SimDisk implements Persistence {
    /** Hears what is on the disk, in order, the moment it is. */
    public interface Witness {
        /** A channel is new, and begins at {@code root}. */
        void created(ChannelState channel);

        void wrote(ChannelState channel, Block block);

        /** What moves of a channel may have moved: its start, its closure. */
        void moved(ChannelState channel);

        void removed(ChannelState channel);

        /** After a crash: these channels are left, as they are now. */
        void restored(List<ChannelState> channels);
    }

    /** How the process ends. */
    public enum Crash {
        /** It is killed: what was handed to the operating system survives. */
        KILL,
        /** The power goes: what was synced survives. */
        POWER_CUT
    }

    private final SimWorld world;
    private final Witness witness;
    private List<Changes> journal = new ArrayList<>();
    private int synced; // so many entries of the journal survive a power cut
    private int flushed; // and of so many, the unlogged changes survive a kill
    private Generations generations = new Generations(0, 0);
    private long reserved;
    private MemoryPersistence state = new MemoryPersistence(generations);
    private int failOneIn = Integer.MAX_VALUE;

    public SimDisk(SimWorld world, Witness witness) {
        this.world = world;
        this.witness = witness;
    }

    /** From now on one in {@code n} operations fails; {@link Integer#MAX_VALUE} for none. */
    public void failOneIn(int n) {
        failOneIn = n;
    }

    private void mayFail() {
        if (failOneIn != Integer.MAX_VALUE && world.oneIn(failOneIn)) {
            throw new PersistenceException(world.oneIn(2) ? Failure.UNAVAILABLE : Failure.FULL, "simulated");
        }
    }

    /** Loses what such a crash may lose; how much of it, the world's random says. */
    public void crash(Crash crash) {
        int kept = journal.size();
        if (crash == Crash.POWER_CUT) kept = synced + world.random().nextInt(kept - synced + 1);
        int unlogged = flushed + world.random().nextInt(Math.max(0, kept - flushed) + 1);
        List<Changes> survivors = new ArrayList<>();
        reserved++;
        generations = new Generations(reserved, reserved);
        state = new MemoryPersistence(generations);
        for (int i = 0; i < kept; i++) {
            Changes changes = journal.get(i);
            Changes survivor = i < unlogged ? changes : new Changes(List.of(), false, changes.logged());
            survivors.add(survivor);
            state.write(survivor);
        }
        journal = survivors;
        synced = kept;
        flushed = kept;
        witness.restored(state.list("", "", Integer.MAX_VALUE));
    }

    @Override
    public void write(Changes changes) {
        mayFail();
        state.write(changes);
        journal.add(changes);
        if (changes.flushFirst()) {
            flushed = journal.size();
            synced = journal.size();
        }
        for (Change change : changes.unlogged()) tell(change);
        for (Change change : changes.logged()) tell(change);
    }

    private void tell(Change change) {
        switch (change) {
            case Change.PutChannel(ChannelState channel) -> witness.created(channel);
            case Change.PutBlock(ChannelState channel, Block block) -> witness.wrote(channel, block);
            case Change.PutTail(ChannelState channel, boolean f) -> witness.moved(channel);
            case Change.Retire(ChannelState channel) -> witness.removed(channel);
            case Change.Remove(ChannelState channel) -> witness.removed(channel);
            case Change.PutProducer p -> {}
            case Change.MoveDeadline d -> {}
            case Change.Trim t -> {}
        }
    }

    @Override
    public void sync() {
        mayFail();
        synced = journal.size();
    }

    @Override
    public @Nullable ChannelState channel(ChannelName name) {
        mayFail();
        return state.channel(name);
    }

    @Override
    public @Nullable ChannelState channel(long id) {
        mayFail();
        return state.channel(id);
    }

    @Override
    public @Nullable ProducerState producer(long channelId, String producer) {
        return state.producer(channelId, producer);
    }

    @Override
    public List<Block> blocks(long channelId, long sequence, long bytesMax) {
        mayFail();
        return state.blocks(channelId, sequence, bytesMax);
    }

    @Override
    public List<ChannelState> list(String prefix, String after, int limit) {
        return state.list(prefix, after, limit);
    }

    @Override
    public List<ChannelName> expired(long nowMillis, int limit) {
        return state.expired(nowMillis, limit);
    }

    @Override
    public Generations generations() {
        return generations;
    }

    @Override
    public void reserveGenerations(long through) {
        mayFail();
        reserved = Math.max(reserved, through);
    }

    @Override
    public void close(Generations last) {
        generations = last;
        synced = journal.size();
        flushed = journal.size();
    }
}
