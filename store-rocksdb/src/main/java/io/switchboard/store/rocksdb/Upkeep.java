package io.switchboard.store.rocksdb;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Durability;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.store.ChannelState;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.PersistenceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What can be done a little later, one channel at a time: small blocks are merged into sealed ones, the payload
 * of those goes into {@link Packs} where a reader can be sent it as it is,
 * blocks that retention has trimmed are deleted, and so is what a removed channel leaves behind. A
 * channel that is forgotten here is met again when it has grown or been trimmed by as much again.
 *
 * <pre>
 *   hot:    [1][2..3][4][5..9] … one a commit        about 64 KB of them
 *   sealed:                                  [1..320][321..655] … up to 64 KB each, of bytes about 32 MB of them
 *   packed:                                                     the same rows, their payload in one file
 * </pre>
 *
 * <p>Threads: {@link #grown}, {@link #trimmed} and {@link #gone} are the committing thread's, everything else runs in tasks of the executor, one at a time.
 */
final class Upkeep {
    /** Trimmed messages are deleted when so many of them have gathered. */
    private static final long TRIM_EVERY = 64;

    /** While the channel grows it is so many small ones: large ones are deleted whenever as much has been written. */
    private static final long TRIM_EVERY_GROWING = 1_024;

    private static final int CHANNELS_WAITING_MAX = 10_000;
    private static final int ROWS_A_BATCH = 1_000;
    private static final int PACKS_A_TASK = 4;
    // Left hot at least, so that a sealed block is not much smaller than it could be.
    private static final int KEPT_HOT_BYTES = Block.TARGET_BYTES / 2;
    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);

    private final Database database;
    private final Packs packs;
    private final Policies policies;
    private final Executor executor;
    private final AtHand atHand = new AtHand();
    private final Batch batch = new Batch(); // the executor's tasks only
    private final Set<Long> waiting = new HashSet<>(); // guarded by itself
    private @Nullable ChannelState newestGrown; // the committing thread only
    private @Nullable LongFunction<@Nullable ChannelState> channels; // set before the first task

    Upkeep(Database database, Packs packs, Policies policies, Executor executor) {
        this.database = database;
        this.packs = packs;
        this.policies = policies;
        this.executor = executor;
    }

    void begin(LongFunction<@Nullable ChannelState> lookUp) {
        this.channels = lookUp;
        executor.execute(this::findRemoved);
        executor.execute(this::findOrphans);
    }

    /** The channel has become untidy. */
    private void soon(long channelId) {
        synchronized (waiting) {
            if (waiting.size() == CHANNELS_WAITING_MAX || !waiting.add(channelId)) return;
        }
        try {
            executor.execute(() -> {
                synchronized (waiting) {
                    waiting.remove(channelId);
                }
                tidy(channelId);
            });
        } catch (RejectedExecutionException e) {
            // closing; the next opening finds it untidy again
        }
    }

    /** The block was written, as the newest of its channel; the state is that behind it. */
    void grown(ChannelState state, Block block) {
        atHand.add(state, block);
        newestGrown = state;
        long before = block.bytesBefore() / Block.TARGET_BYTES;
        if (state.tail().bytes() / Block.TARGET_BYTES != before) soon(state.id());
    }

    /** Messages were trimmed, which had been needed before from the one behind `from` on. */
    @SuppressWarnings("ReferenceEquality") // the changes of one commit share the state behind it
    void trimmed(ChannelState state, long from) {
        atHand.changed(state);
        boolean grows = state == newestGrown;
        long every = grows ? TRIM_EVERY_GROWING : TRIM_EVERY;
        if (state.keptAfter() / every != from / every) soon(state.id());
    }

    /** The channel was deleted, or is kept for its forks only. */
    void gone(ChannelState state) {
        atHand.forget(state.id());
        soon(state.id());
    }

    private @Nullable ChannelState channel(long channelId) {
        ChannelState known = atHand.state(channelId, database.openings());
        if (known != null) return known;
        if (channels == null) throw new IllegalStateException("not begun");
        return channels.apply(channelId);
    }

    private void tidy(long channelId) {
        try {
            ChannelState channel = channel(channelId);
            if (channel == null) {
                clear(channelId);
                return;
            }
            // as durable as the messages themselves, so that a crash does not leave the one without the other
            boolean memory = policies.of(channel.name()).durability() == Durability.MEMORY;
            WriteOptions writes = memory ? database.unlogged : database.logged;
            if (channel.deleted()) deleteAll(Keys.PRODUCER, channelId);
            if (channel.keptAfter() > 0) {
                deleteThrough(Keys.SEALED, channel, writes);
                deleteThrough(Keys.HOT, channel, writes);
                deletePacks(channelId, channel.keptAfter(), memory);
            }
            boolean grown = seal(channelId, channel.keptAfter(), writes);
            // messages of a memory channel are not worth a file; JSON and text are better off compressed
            if (grown && !memory && channel.info().type().kind() == ContentType.Kind.BINARY) pack(channelId, writes);
        } catch (RuntimeException e) {
            // nothing depends on it, and it is tried again
            LOG.warn("Channel {} could not be tidied up: {}", channelId, e.toString());
        }
    }

    // ---- sealing ----

    /** @return whether about another pack's worth is sealed */
    private boolean seal(long channelId, long keptAfter, WriteOptions writes) {
        Sealing sealing = new Sealing(channelId, writes, database.openings());
        List<Block> known = atHand.take(channelId, sealing.opening);
        if (known == null) {
            database.read("sealing", db -> {
                try (RocksIterator rows = db.newIterator(database.reads)) {
                    for (rows.seek(firstHot(rows, channelId));
                            rows.isValid() && Keys.is(rows.key(), Keys.HOT, channelId);
                            rows.next()) sealing.take(Block.of(rows.value()));
                    rows.status();
                    return true;
                }
            });
        } else {
            for (Block block : known) {
                if (block.lastSequence() > keptAfter) sealing.take(block);
            }
        }
        atHand.left(channelId, sealing.end());
        return sealing.crossed;
    }

    /** One pass over the hot blocks of a channel, in their order. */
    private final class Sealing {
        final long channelId;
        final WriteOptions writes;
        final long opening;
        final Merge merge = new Merge();
        private @Nullable Block newest;
        boolean crossed; // into another pack's worth

        Sealing(long channelId, WriteOptions writes, long opening) {
            this.channelId = channelId;
            this.writes = writes;
            this.opening = opening;
        }

        void take(Block block) {
            if (newest != null) {
                if (!merge.takes(newest)) write();
                merge.add(newest);
            }
            newest = block;
        }

        /** @return those that stay hot: the newest one in any case, as it tells where the channel ends */
        List<Block> end() {
            if (merge.bytes > KEPT_HOT_BYTES) write();
            List<Block> left = new ArrayList<>(merge.blocks);
            if (newest != null) left.add(newest);
            return left;
        }

        // Whether the next pack is due is decided by position alone, as in RocksPersistence.
        private void write() {
            Block sealed = merge.block();
            batch.clear();
            batch.put(Keys.numbers(Keys.SEALED, channelId, sealed.lastSequence()), sealed.bytes());
            for (Block block : merge.blocks) batch.delete(Keys.numbers(Keys.HOT, channelId, block.lastSequence()));
            boolean same = database.write("sealing", db -> {
                if (database.openings() != opening) return false; // what was lost then must not come back
                batch.write(db, writes);
                return true;
            });
            if (!same) throw new PersistenceException(Failure.UNAVAILABLE, "sealing: opened anew");
            merge.clear();
            long before = sealed.bytesBefore() / Packs.TARGET_BYTES;
            crossed |= (sealed.bytesBefore() + sealed.payloadBytes()) / Packs.TARGET_BYTES != before;
        }
    }

    // Where the hot blocks begin. Looking from the channel's first message would pass the marks of all that
    // were sealed before, which stay until they are compacted away.
    private static byte[] firstHot(RocksIterator rows, long channelId) throws RocksDBException {
        rows.seekForPrev(Keys.numbers(Keys.SEALED, channelId, Long.MAX_VALUE));
        rows.status();
        long sealed = rows.isValid() && Keys.is(rows.key(), Keys.SEALED, channelId) ? Keys.numberAt(rows.key(), 9) : 0;
        return Keys.numbers(Keys.HOT, channelId, sealed + 1);
    }

    /** Blocks that become one. */
    private static final class Merge {
        final List<Block> blocks = new ArrayList<>();
        int bytes;

        boolean takes(Block block) {
            if (blocks.isEmpty()) return true;
            Block last = blocks.getLast();
            return bytes + (long) block.payloadBytes() <= Block.TARGET_BYTES
                    && block.generation() == last.generation()
                    && block.firstSequence() == last.lastSequence() + 1;
        }

        void add(Block block) {
            blocks.add(block);
            bytes += block.payloadBytes();
        }

        Block block() {
            Block first = blocks.getFirst();
            if (blocks.size() == 1) return first;
            Block.Builder builder = new Block.Builder(first.generation(), first.firstSequence(), first.bytesBefore());
            for (Block block : blocks) builder.copy(block, 0, block.count());
            return builder.build();
        }

        void clear() {
            blocks.clear();
            bytes = 0;
        }
    }

    // ---- packing ----

    // A few packs at a time: a channel that is packed for the first time may be long, and others wait.
    private void pack(long channelId, WriteOptions writes) {
        boolean more = database.read("packing", db -> {
            try (RocksIterator rows = db.newIterator(database.scans)) {
                return packSome(rows, channelId, writes);
            }
        });
        if (!more) return;
        try {
            executor.execute(() -> packMore(channelId));
        } catch (RejectedExecutionException e) {
            // closing; it goes on when the channel has grown by as much again
        }
    }

    private void packMore(long channelId) {
        try {
            if (channel(channelId) != null) pack(channelId, database.logged);
        } catch (RuntimeException e) {
            LOG.warn("Channel {} could not be packed: {}", channelId, e.toString());
        }
    }

    /** @return whether more can be packed */
    private boolean packSome(RocksIterator rows, long channelId, WriteOptions writes) throws RocksDBException {
        List<Block> blocks = new ArrayList<>();
        long bytes = 0;
        int written = 0;
        for (rows.seek(Keys.numbers(Keys.SEALED, channelId, lastPacked(rows, channelId) + 1));
                rows.isValid() && Keys.is(rows.key(), Keys.SEALED, channelId);
                rows.next()) {
            Block block = Block.of(rows.value());
            boolean follows = blocks.isEmpty()
                    || block.firstSequence() == blocks.getLast().lastSequence() + 1;
            if (!blocks.isEmpty() && (!follows || bytes + block.payloadBytes() > Packs.TARGET_BYTES)) {
                writePack(channelId, blocks, writes);
                if (++written == PACKS_A_TASK) return true;
                blocks.clear();
                bytes = 0;
            }
            blocks.add(block);
            bytes += block.payloadBytes();
        }
        rows.status();
        if (bytes >= Packs.TARGET_BYTES / 2) writePack(channelId, blocks, writes);
        return false;
    }

    private static long lastPacked(RocksIterator rows, long channelId) throws RocksDBException {
        rows.seekForPrev(Keys.numbers(Keys.PACK, channelId, Long.MAX_VALUE));
        rows.status();
        return rows.isValid() && Keys.is(rows.key(), Keys.PACK, channelId) ? Keys.numberAt(rows.key(), 9) : 0;
    }

    // The file is on disk before the rows speak of it; the other way round, a power cut would lose messages.
    private void writePack(long channelId, List<Block> blocks, WriteOptions writes) {
        Block last = blocks.getLast();
        Packs.Name name = new Packs.Name(channelId, last.lastSequence());
        try {
            packs.write(name, blocks);
        } catch (ClosedByInterruptException e) {
            return; // closing; it is done another time
        } catch (IOException e) {
            throw new PersistenceException(Failure.UNAVAILABLE, "writing a pack: " + e.getMessage(), e);
        }
        batch.clear();
        long length = 0;
        List<PackRows.Place> places = PackRows.places(blocks);
        for (int i = 0; i < blocks.size(); i++) {
            Block block = blocks.get(i);
            batch.put(
                    Keys.numbers(Keys.SEALED, channelId, block.lastSequence()),
                    places.get(i).bytes());
            length += block.payloadBytes();
        }
        PackRows.Pack pack = new PackRows.Pack(blocks.getFirst().firstSequence(), length, last.generation());
        byte[] key = Keys.numbers(Keys.PACK, channelId, last.lastSequence());
        batch.put(key, pack.bytes());
        try {
            write(writes);
        } catch (PersistenceException e) {
            // on a full disk it must not take room for nothing
            if (database.find("looking for a pack", db -> db.get(database.reads, key)) == null) delete(name);
            throw e;
        }
    }

    // The other way round here: rows that came back after a power cut would speak of files that are gone.
    private void deletePacks(long channelId, long through, boolean memory) {
        List<Packs.Name> gone = new ArrayList<>();
        batch.clear();
        database.read("deleting", db -> {
            try (RocksIterator rows = db.newIterator(database.reads)) {
                for (rows.seek(Keys.id(Keys.PACK, channelId));
                        rows.isValid() && Keys.is(rows.key(), Keys.PACK, channelId);
                        rows.next()) {
                    long last = Keys.numberAt(rows.key(), 9);
                    if (last > through) break;
                    batch.delete(rows.key());
                    gone.add(new Packs.Name(channelId, last));
                }
                rows.status();
                return true;
            }
        });
        if (gone.isEmpty()) return;
        write(database.logged);
        if (memory) database.flush(); // its other rows went unlogged
        else database.sync();
        for (Packs.Name name : gone) delete(name);
    }

    private void delete(Packs.Name name) {
        try {
            packs.delete(name);
        } catch (IOException e) {
            LOG.warn("A file of trimmed messages stays for now: {}", e.toString());
        }
    }

    // What a crash has left between a file and its rows.
    private void findOrphans() {
        try {
            for (Packs.Name name : packs.all()) {
                byte[] key = Keys.numbers(Keys.PACK, name.channelId(), name.lastSequence());
                if (database.find("looking for remains", db -> db.get(database.reads, key)) == null) delete(name);
            }
        } catch (IOException | UncheckedIOException | PersistenceException e) {
            LOG.warn("Remains of packs are still there: {}", e.toString());
        }
    }

    // ---- deleting ----

    private void deleteThrough(byte kind, ChannelState channel, WriteOptions writes) {
        byte[] from = Keys.id(kind, channel.id());
        if (kind == Keys.HOT) {
            from = database.read("deleting", db -> {
                try (RocksIterator rows = db.newIterator(database.reads)) {
                    return firstHot(rows, channel.id());
                }
            });
        }
        delete(from, kind, channel.id(), channel.keptAfter(), writes);
    }

    private void deleteAll(byte kind, long channelId) {
        delete(Keys.id(kind, channelId), kind, channelId, Long.MAX_VALUE, database.logged);
    }

    // Rows of one kind of a channel, in batches that hold nobody up; of blocks those up to `through`.
    private void delete(byte[] from, byte kind, long channelId, long through, WriteOptions writes) {
        batch.clear();
        database.read("deleting", db -> {
            try (RocksIterator rows = db.newIterator(database.reads)) {
                for (rows.seek(from); rows.isValid() && Keys.is(rows.key(), kind, channelId); rows.next()) {
                    byte[] key = rows.key();
                    if (kind != Keys.PRODUCER && Keys.numberAt(key, 9) > through) break;
                    batch.delete(key);
                    if (batch.rows() >= ROWS_A_BATCH) {
                        write(writes);
                        batch.clear();
                    }
                }
                rows.status();
                return true;
            }
        });
        if (batch.rows() > 0) write(writes);
    }

    private void write(WriteOptions writes) {
        database.write("tidying", db -> batch.write(db, writes));
    }

    // The mark goes last: whatever is interrupted is done again.
    private void clear(long channelId) {
        atHand.forget(channelId);
        deleteAll(Keys.PRODUCER, channelId);
        deleteAll(Keys.HOT, channelId);
        deleteAll(Keys.SEALED, channelId);
        deletePacks(channelId, Long.MAX_VALUE, false);
        batch.clear();
        batch.delete(Keys.id(Keys.REMOVED, channelId));
        write(database.logged);
    }

    private void findRemoved() {
        try {
            List<Long> removed = new ArrayList<>();
            database.read("looking for remains", db -> {
                try (RocksIterator rows = db.newIterator(database.reads)) {
                    for (rows.seek(new byte[] {Keys.REMOVED});
                            rows.isValid() && rows.key()[0] == Keys.REMOVED && removed.size() < CHANNELS_WAITING_MAX;
                            rows.next()) removed.add(Keys.numberAt(rows.key(), 1));
                    rows.status();
                    return true;
                }
            });
            for (long channelId : removed) soon(channelId);
        } catch (PersistenceException e) {
            LOG.warn("Remains of removed channels are still there: {}", e.toString());
        }
    }
}
