package io.switchboard.store.rocksdb;

import io.switchboard.core.channel.Policies;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.LocalStore;
import io.switchboard.core.store.Persistence.Generations;
import io.switchboard.core.store.PersistenceException;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.core.time.Ticker;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
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
    private final Database database;
    private final StoreThreads threads;

    private RocksStore(
            RocksPersistence persistence,
            Database database,
            Folder folder,
            StoreThreads threads,
            Policies policies,
            StoreLimits limits,
            Ticker ticker,
            Figures figures) {
        super(
                persistence,
                policies,
                limits,
                ticker,
                threads.committing(),
                threads.syncing(),
                threads.reading(),
                figures);
        this.folder = folder;
        this.database = database;
        this.threads = threads;
        threads.everySecond(this::mend);
    }

    // On the syncing thread, so nothing is synced meanwhile.
    private void mend() {
        try {
            if (database.recover()) betweenCommits(database::reopen);
            sync();
        } catch (RuntimeException e) {
            LOG.warn("The store could not be mended: {}", e.toString());
        }
    }

    /**
     * Opens the store in {@code path}, which is made if it is not there.
     *
     * @throws FolderException with a sentence for the operator, if the folder cannot be used; nothing in
     *     it was changed
     */
    public static RocksStore open(Path path, Policies policies, StoreLimits limits, Ticker ticker) {
        return open(path, policies, limits, ticker, Figures.unseen());
    }

    /** @param figures move with its commits and syncs */
    public static RocksStore open(Path path, Policies policies, StoreLimits limits, Ticker ticker, Figures figures) {
        Folder folder = Folder.open(path);
        StoreThreads threads = new StoreThreads();
        Database database = null;
        try {
            NativeLibrary.load(path);
            database = new Database(folder.data(), folder.isNew());
            Generations generations = begin(database, folder);
            Packs packs = folder.packs();
            Upkeep upkeep = new Upkeep(database, packs, policies, threads.upkeep());
            RocksPersistence persistence = new RocksPersistence(database, packs, upkeep, generations);
            upkeep.begin(persistence::channel);
            return new RocksStore(persistence, database, folder, threads, policies, limits, ticker, figures);
        } catch (RocksDBException e) {
            giveUp(threads, database, folder);
            throw refusal(path, Database.failed("opening", e));
        } catch (PersistenceException e) {
            giveUp(threads, database, folder);
            throw refusal(path, e);
        } catch (RuntimeException e) {
            giveUp(threads, database, folder);
            throw e;
        }
    }

    private static void giveUp(StoreThreads threads, @Nullable Database database, Folder folder) {
        threads.end();
        if (database != null) database.close();
        folder.close();
    }

    private static FolderException refusal(Path path, PersistenceException e) {
        if (e.failure() == Failure.FULL) {
            return new FolderException(
                    "The data folder " + path + " cannot be opened, because its disk has no space left."
                            + " Make space on it, then start again.",
                    e);
        }
        return Folder.damaged(path, e);
    }

    // From here on the folder is in use: without an orderly close, a tail may have been lost.
    private static Generations begin(Database database, Folder folder) {
        byte[] format = get(database, Keys.FORMAT);
        if (format == null && !folder.isNew()) throw Folder.damaged(folder.path(), null);
        if (format != null) Folder.newer(folder.path(), (int) Keys.numberAt(format, 0));
        byte[] reserved = get(database, Keys.GENERATIONS);
        byte[] clean = get(database, Keys.CLEAN);
        Generations generations;
        if (clean != null) {
            ByteBuffer told = ByteBuffer.wrap(clean);
            generations = new Generations(told.getLong(), told.getLong());
        } else {
            long next = reserved == null ? 1 : Keys.numberAt(reserved, 0) + 1;
            generations = new Generations(next, next);
            if (format != null) LOG.info("The store was not closed in order; it goes on in generation {}.", next);
        }
        Batch batch = new Batch();
        batch.put(Keys.FORMAT, Keys.number(Folder.FORMAT));
        if (clean == null) batch.put(Keys.GENERATIONS, Keys.number(generations.last()));
        batch.delete(Keys.CLEAN);
        database.write("beginning", db -> batch.write(db, database.synced));
        if (folder.isNew() || folder.isOlder()) folder.begun();
        return generations;
    }

    private static byte @Nullable [] get(Database database, byte[] key) {
        return database.find("beginning", db -> db.get(key));
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
