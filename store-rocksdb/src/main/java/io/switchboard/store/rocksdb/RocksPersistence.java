package io.switchboard.store.rocksdb;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.store.Change;
import io.switchboard.core.store.Changes;
import io.switchboard.core.store.ChannelState;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.Persistence;
import io.switchboard.core.store.PersistenceException;
import io.switchboard.core.store.ProducerState;
import io.switchboard.core.store.Stretch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteOptions;

/** Changes and look-ups in terms of RocksDB's keys and values (docs/storage-format.md). */
final class RocksPersistence implements Persistence {
    // Less is not worth a response of its own.
    private static final int STRETCH_BYTES_MIN = 256 * 1024;

    private final Database database;
    private final Packs packs;
    private final Upkeep upkeep;
    private final Generations generations;
    private final Batch batch = new Batch(); // committing thread only

    /** @param upkeep is told what has become untidy */
    RocksPersistence(Database database, Packs packs, Upkeep upkeep, Generations generations) {
        this.database = database;
        this.packs = packs;
        this.upkeep = upkeep;
        this.generations = generations;
    }

    // ---- looking ----

    @Override
    public @Nullable ChannelState channel(ChannelName name) {
        byte[] id = get(Keys.name(Keys.LIVE_NAME, name));
        if (id == null) id = get(Keys.name(Keys.RETIRED_NAME, name));
        return id == null ? null : channel(Keys.numberAt(id, 0));
    }

    @Override
    public @Nullable ChannelState channel(long id) {
        // in this order: what is looked at later may be newer than what it is seen with, not older
        byte[] tail = get(Keys.id(Keys.TAIL, id));
        if (tail == null) return null;
        try {
            Block newest = newest(id);
            byte[] channel = get(Keys.id(Keys.CHANNEL, id));
            return channel == null ? null : StateFormat.state(id, channel, tail, newest);
        } catch (IllegalArgumentException e) {
            throw new PersistenceException(Failure.DAMAGED, "channel " + id, e);
        }
    }

    // Upkeep leaves the newest block hot, so it is found at once.
    private @Nullable Block newest(long id) {
        return database.find("reading", db -> {
            try (RocksIterator rows = db.newIterator(database.reads)) {
                rows.seekForPrev(Keys.numbers(Keys.HOT, id, Long.MAX_VALUE));
                if (rows.isValid() && Keys.is(rows.key(), Keys.HOT, id)) return Block.of(rows.value());
                rows.status();
                return null;
            }
        });
    }

    private byte @Nullable [] get(byte[] key) {
        return database.find("reading", db -> db.get(database.reads, key));
    }

    @Override
    public @Nullable ProducerState producer(long channelId, String producer) {
        byte[] state = get(Keys.producer(channelId, producer));
        try {
            return state == null ? null : StateFormat.producer(state);
        } catch (IllegalArgumentException e) {
            throw new PersistenceException(Failure.DAMAGED, "a producer of channel " + channelId, e);
        }
    }

    @Override
    public List<Block> blocks(long channelId, long sequence, long bytesMax) {
        try {
            return database.read("reading", db -> {
                // one iterator sees one moment: before or after a block was sealed, not between
                try (RocksIterator rows = db.newIterator(database.scans);
                        PackReader reader = new PackReader(packs, channelId)) {
                    List<Block> blocks = new ArrayList<>();
                    long bytes = gather(rows, reader, Keys.SEALED, channelId, sequence, bytesMax, blocks);
                    if (bytes < bytesMax) {
                        long after =
                                blocks.isEmpty() ? sequence : blocks.getLast().lastSequence();
                        gather(rows, reader, Keys.HOT, channelId, after, bytesMax - bytes, blocks);
                    }
                    return blocks;
                }
            });
        } catch (IllegalArgumentException e) {
            throw new PersistenceException(Failure.DAMAGED, "a block of channel " + channelId, e);
        }
    }

    private static long gather(
            RocksIterator rows,
            PackReader reader,
            byte kind,
            long channelId,
            long sequence,
            long bytesMax,
            List<Block> blocks)
            throws RocksDBException {
        long bytes = 0;
        for (rows.seek(Keys.numbers(kind, channelId, sequence + 1));
                rows.isValid() && Keys.is(rows.key(), kind, channelId);
                rows.next()) {
            Block block = reader.block(rows.value());
            if (block == null) break; // trimmed meanwhile, or else missed by whoever asked
            // sealed blocks end where the hot ones begin
            if (!blocks.isEmpty() && block.firstSequence() != blocks.getLast().lastSequence() + 1) break;
            blocks.add(block);
            bytes += block.payloadBytes();
            if (bytes >= bytesMax) break;
        }
        rows.status();
        return bytes;
    }

    @Override
    public @Nullable Stretch stretch(long channelId, long sequence, long through) {
        try {
            return database.find("reading", db -> {
                try (RocksIterator rows = db.newIterator(database.reads)) {
                    return stretch(rows, channelId, sequence + 1, through);
                }
            });
        } catch (IllegalArgumentException e) {
            throw new PersistenceException(Failure.DAMAGED, "a pack of channel " + channelId, e);
        }
    }

    private @Nullable Stretch stretch(RocksIterator rows, long channelId, long first, long through)
            throws RocksDBException {
        PackRows.Row pack = pack(rows, channelId, first, through);
        if (pack == null) return null;
        Stretch.Part part = rest(rows, pack, channelId, first);
        if (part == null) return null;
        List<Stretch.Part> parts = new ArrayList<>();
        parts.add(part);
        try {
            Offset last = pack.end();
            while (parts.size() < Stretch.PARTS_MAX) {
                PackRows.Row next = next(rows, channelId, last.sequence(), through);
                Stretch.Part whole = next == null ? null : whole(next, channelId);
                if (next == null || whole == null) break;
                parts.add(whole);
                last = next.end();
            }
            return new Stretch(parts, first, last);
        } catch (RuntimeException | Error e) {
            for (Stretch.Part open : parts) open.close();
            throw e;
        }
    }

    // The pack right behind a message. Null too where its row is damaged: the next reading meets that itself.
    private static PackRows.@Nullable Row next(RocksIterator rows, long channelId, long sequence, long through) {
        try {
            PackRows.Row next = pack(rows, channelId, sequence + 1, through);
            return next == null || next.pack().firstSequence() != sequence + 1 ? null : next;
        } catch (RocksDBException | IllegalArgumentException e) {
            return null;
        }
    }

    // The pack that holds a message, if none of it comes after `through`.
    private static PackRows.@Nullable Row pack(RocksIterator rows, long channelId, long sequence, long through)
            throws RocksDBException {
        rows.seek(Keys.numbers(Keys.PACK, channelId, sequence));
        rows.status();
        if (!rows.isValid() || !Keys.is(rows.key(), Keys.PACK, channelId)) return null;
        long last = Keys.numberAt(rows.key(), 9);
        PackRows.Pack pack = PackRows.Pack.of(rows.value());
        return pack.firstSequence() > sequence || last > through ? null : new PackRows.Row(pack, last);
    }

    // A pack from message `first` on. Null where the blocks say more, or what is wrong.
    private Stretch.@Nullable Part rest(RocksIterator rows, PackRows.Row pack, long channelId, long first)
            throws RocksDBException {
        rows.seek(Keys.numbers(Keys.SEALED, channelId, first));
        rows.status();
        if (!rows.isValid() || !Keys.is(rows.key(), Keys.SEALED, channelId)) return null;
        byte[] row = rows.value();
        try (PackReader reader = new PackReader(packs, channelId)) {
            Block block = reader.block(row);
            // while a pack is being trimmed, its first rows may be gone and its own still there
            if (block == null || block.firstSequence() > first || block.lastSequence() < first) return null;
            if (!PackRows.Place.isOne(row)) return null;
            long position = PackRows.Place.of(row).position()
                    + block.start((int) (first - block.firstSequence()))
                    - block.start(0);
            long length = pack.pack().length() - position;
            if (length < STRETCH_BYTES_MIN || reader.fileLength() != pack.pack().length()) return null;
            reader.load(position, length);
            return new Stretch.Part(reader.take(), position, length, () -> {});
        } catch (IOException e) {
            throw new PersistenceException(Failure.UNAVAILABLE, "opening a pack: " + e.getMessage(), e);
        }
    }

    // One that follows. Null where as many files are open as may be, where something is wrong, or where a disk had to
    // be waited for: that is for the next reading.
    private Stretch.@Nullable Part whole(PackRows.Row pack, long channelId) {
        Runnable leave = packs.leaveAhead();
        if (leave == null) return null;
        Stretch.Part whole = null;
        long length = pack.pack().length();
        try (PackReader reader = new PackReader(packs, channelId)) {
            reader.open(pack.lastSequence());
            if (reader.fileLength() == length && reader.isLoaded(0, length)) {
                whole = new Stretch.Part(reader.take(), 0, length, leave);
            }
        } catch (IOException | PersistenceException e) {
            return null; // nothing was taken
        } finally {
            if (whole == null) leave.run();
        }
        return whole;
    }

    @Override
    public List<ChannelState> list(String prefix, String after, int limit) {
        byte[] begin = Keys.text(Keys.LIVE_NAME, prefix.compareTo(after) > 0 ? prefix : after);
        byte[] skipped = Keys.text(Keys.LIVE_NAME, after);
        byte[] within = Keys.text(Keys.LIVE_NAME, prefix);
        return database.read("listing", db -> {
            List<ChannelState> page = new ArrayList<>();
            try (RocksIterator rows = db.newIterator(database.reads)) {
                for (rows.seek(begin); rows.isValid() && page.size() < limit; rows.next()) {
                    byte[] key = rows.key();
                    if (!startsWith(key, within)) break;
                    if (java.util.Arrays.equals(key, skipped)) continue;
                    ChannelState channel = channel(Keys.numberAt(rows.value(), 0));
                    if (channel != null && !channel.deleted()) page.add(channel);
                }
                rows.status();
                return page;
            }
        });
    }

    private static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length >= prefix.length && java.util.Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }

    @Override
    public List<ChannelName> expired(long nowMillis, int limit) {
        return database.read("looking for deadlines", db -> {
            List<ChannelName> names = new ArrayList<>();
            try (RocksIterator rows = db.newIterator(database.reads)) {
                for (rows.seek(new byte[] {Keys.DEADLINE}); rows.isValid() && names.size() < limit; rows.next()) {
                    byte[] key = rows.key();
                    if (key[0] != Keys.DEADLINE || Keys.numberAt(key, 1) > nowMillis) break;
                    names.add(new ChannelName(new String(rows.value(), StandardCharsets.UTF_8)));
                }
                rows.status();
                return names;
            }
        });
    }

    // ---- writing ----

    @Override
    public void write(Changes changes) {
        write(changes.unlogged(), database.unlogged);
        if (changes.flushFirst()) database.flush();
        write(changes.logged(), database.logged);
        for (Change change : changes.unlogged()) tidy(change);
        for (Change change : changes.logged()) tidy(change);
    }

    private void write(List<Change> changes, WriteOptions options) {
        if (changes.isEmpty()) return;
        batch.clear();
        for (Change change : changes) add(batch, change);
        if (batch.rows() > 0) database.write("writing", db -> batch.write(db, options));
    }

    private static void add(Batch batch, Change change) {
        switch (change) {
            case Change.PutChannel(ChannelState state) -> {
                batch.put(Keys.id(Keys.CHANNEL, state.id()), StateFormat.channel(state));
                byte kind = state.deleted() ? Keys.RETIRED_NAME : Keys.LIVE_NAME;
                batch.put(Keys.name(kind, state.name()), Keys.number(state.id()));
            }
            case Change.PutTail(ChannelState state, boolean followsFromBlock) -> {
                // half of all rows, if it were written every time
                if (!followsFromBlock) batch.put(Keys.id(Keys.TAIL, state.id()), StateFormat.tail(state));
            }
            case Change.PutBlock(ChannelState state, Block block) ->
                batch.put(Keys.numbers(Keys.HOT, state.id(), block.lastSequence()), block.bytes());
            case Change.PutProducer(long channelId, String producer, ProducerState state) ->
                batch.put(Keys.producer(channelId, producer), StateFormat.producer(state));
            case Change.MoveDeadline(ChannelState state, long fromMillis, long toMillis) -> {
                if (fromMillis != Long.MAX_VALUE) batch.delete(Keys.numbers(Keys.DEADLINE, fromMillis, state.id()));
                if (toMillis != Long.MAX_VALUE) {
                    batch.put(
                            Keys.numbers(Keys.DEADLINE, toMillis, state.id()),
                            state.name().value().getBytes(StandardCharsets.UTF_8));
                }
            }
            case Change.Retire(ChannelState state) -> {
                batch.delete(Keys.name(Keys.LIVE_NAME, state.name()));
                batch.put(Keys.name(Keys.RETIRED_NAME, state.name()), Keys.number(state.id()));
            }
            case Change.Remove(ChannelState state) -> {
                batch.delete(Keys.name(Keys.LIVE_NAME, state.name()));
                batch.delete(Keys.name(Keys.RETIRED_NAME, state.name()));
                batch.delete(Keys.id(Keys.TAIL, state.id()));
                batch.delete(Keys.id(Keys.CHANNEL, state.id()));
                batch.put(Keys.id(Keys.REMOVED, state.id()), new byte[0]);
            }
            case Change.Trim trim -> {
                // the tail says what is needed; upkeep removes the rest
            }
        }
    }

    // Decided by positions alone, so that nothing has to be remembered of a channel.
    private void tidy(Change change) {
        switch (change) {
            case Change.PutBlock(ChannelState state, Block block) -> upkeep.grown(state, block);
            case Change.Trim(ChannelState state, long from) -> upkeep.trimmed(state, from);
            case Change.Remove(ChannelState state) -> upkeep.gone(state);
            case Change.Retire(ChannelState state) -> upkeep.gone(state);
            case Change.PutChannel put -> {}
            case Change.PutTail put -> {}
            case Change.PutProducer put -> {}
            case Change.MoveDeadline move -> {}
        }
    }

    @Override
    public void sync() {
        database.sync();
    }

    // ---- generations ----

    @Override
    public Generations generations() {
        return generations;
    }

    @Override
    public void reserveGenerations(long through) {
        database.write("reserving generations", db -> {
            db.put(database.synced, Keys.GENERATIONS, Keys.number(through));
            return true;
        });
    }

    @Override
    public void close(Generations last) {
        byte[] told = ByteBuffer.allocate(16)
                .putLong(last.last())
                .putLong(last.floor())
                .array();
        try {
            database.flush();
            database.write("closing", db -> {
                db.put(database.synced, Keys.CLEAN, told);
                return true;
            });
        } finally {
            database.close();
        }
    }
}
