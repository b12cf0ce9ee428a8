package io.switchboard.store.rocksdb;

import io.switchboard.core.channel.Policies;
import io.switchboard.core.store.LocalStore;
import io.switchboard.core.store.Persistence.Generations;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.core.time.Ticker;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store that keeps everything in one folder. What it answered survives what the channel's policy
 * says: {@code MEMORY} an orderly stop, {@code OS} a killed process, {@code FSYNC} a power cut.
 */
public final class RocksStore extends LocalStore {
    private static final Logger LOG = LoggerFactory.getLogger(RocksStore.class);

    private final Folder folder;
    private final StoreThreads threads;

    private RocksStore(
            RocksPersistence persistence,
            Folder folder,
            StoreThreads threads,
            Policies policies,
            StoreLimits limits,
            Ticker ticker) {
        super(persistence, policies, limits, ticker, threads.committing(), threads.syncing(), threads.reading());
        this.folder = folder;
        this.threads = threads;
        threads.everySecond(this::sync);
    }

    /**
     * Opens the store in {@code path}, which is made if it is not there.
     *
     * @throws FolderException with a sentence for the operator, if the folder cannot be used; nothing in
     *     it was changed
     */
    public static RocksStore open(Path path, Policies policies, StoreLimits limits, Ticker ticker) {
        Folder folder = Folder.open(path);
        StoreThreads threads = new StoreThreads();
        Database database = null;
        try {
            NativeLibrary.load(path);
            database = new Database(folder.data(), folder.isNew());
            Generations generations = begin(database, folder);
            Upkeep upkeep = new Upkeep(database, policies, threads.upkeep());
            RocksPersistence persistence = new RocksPersistence(database, upkeep, generations);
            upkeep.begin(persistence::channel);
            return new RocksStore(persistence, folder, threads, policies, limits, ticker);
        } catch (RocksDBException e) {
            threads.end();
            if (database != null) database.close();
            folder.close();
            throw refusal(path, e);
        } catch (RuntimeException e) {
            threads.end();
            if (database != null) database.close();
            folder.close();
            throw e;
        }
    }

    private static FolderException refusal(Path path, RocksDBException e) {
        if (Database.failed("opening", e).failure() == io.switchboard.core.store.Failure.FULL) {
            return new FolderException(
                    "The disk of the data folder " + path + " is full. Make space on it, then start again.", e);
        }
        return Folder.damaged(path, e);
    }

    // From here on the folder is in use: without an orderly close, a tail may have been lost.
    private static Generations begin(Database database, Folder folder) throws RocksDBException {
        byte[] format = database.db.get(Keys.FORMAT);
        if (format == null && !folder.isNew()) throw Folder.damaged(folder.path(), null);
        if (format != null) Folder.newer(folder.path(), (int) Keys.numberAt(format, 0));
        byte[] reserved = database.db.get(Keys.GENERATIONS);
        byte[] clean = database.db.get(Keys.CLEAN);
        Generations generations;
        if (clean != null) {
            ByteBuffer told = ByteBuffer.wrap(clean);
            generations = new Generations(told.getLong(), told.getLong());
        } else {
            long next = reserved == null ? 1 : Keys.numberAt(reserved, 0) + 1;
            generations = new Generations(next, next);
            if (format != null) LOG.info("The store was not closed in order; it goes on in generation {}.", next);
        }
        try (org.rocksdb.WriteBatch batch = new org.rocksdb.WriteBatch()) {
            batch.put(Keys.FORMAT, Keys.number(Folder.FORMAT));
            if (clean == null) batch.put(Keys.GENERATIONS, Keys.number(generations.last()));
            batch.delete(Keys.CLEAN);
            database.db.write(database.synced, batch);
        }
        if (folder.isNew()) folder.begun();
        return generations;
    }

    @Override
    public void close() {
        if (!threads.end()) return;
        try {
            super.close();
        } finally {
            folder.close();
        }
    }
}
