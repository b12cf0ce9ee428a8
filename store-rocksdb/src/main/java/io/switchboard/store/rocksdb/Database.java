package io.switchboard.store.rocksdb;

import io.switchboard.core.store.Failure;
import io.switchboard.core.store.PersistenceException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.Env;
import org.rocksdb.FlushOptions;
import org.rocksdb.IndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksObject;
import org.rocksdb.SstFileManager;
import org.rocksdb.Status;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * RocksDB, opened with the settings that suit a log of channels, and everything native that belongs
 * to it. Where writing has failed it finds its way back: RocksDB resumes by itself after most errors, and
 * after the others it is closed and opened again, as soon as there is space on the disk.
 *
 * <p>Any thread; a call made while it is being opened again waits.
 */
final class Database implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    private static final long CACHE_BYTES = 32L << 20;
    private static final int CACHE_SHARD_BITS = 2; // as few threads look at the same time
    private static final long MEMTABLE_BYTES = 16L << 20;
    private static final int MEMTABLES = 3;
    private static final long WAL_BYTES_MAX = 64L << 20;
    private static final int FILES_OPEN_MAX = 1_000;
    private static final int INFO_LOGS_KEPT = 3;
    private static final long INFO_LOG_BYTES = 1L << 20;
    private static final long SYNC_EVERY_BYTES = 1L << 20;

    private static final int PROBES_BEFORE_REOPENING = 3;
    private static final long SPACE_TO_REOPEN_BYTES = 32L << 20;

    final ReadOptions reads;
    /** For what is read through once: it would push out of the cache what is read again and again. */
    final ReadOptions scans;

    final WriteOptions logged;
    final WriteOptions unlogged;
    final WriteOptions synced;
    private final List<RocksObject> owned = new ArrayList<>();
    private final Path folder;
    private final Options options;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private @Nullable RocksDB db; // guarded by lock; null if it could not be opened again
    private long openings; // guarded by lock
    private volatile boolean writesFail;
    private int failedProbes; // the thread that recovers

    /** What is to be done with it. */
    interface Use<T> {
        @Nullable
        T with(RocksDB db) throws RocksDBException;
    }

    Database(Path folder, boolean create) throws RocksDBException {
        this.folder = folder;
        LRUCache cache = own(new LRUCache(CACHE_BYTES, CACHE_SHARD_BITS));
        BloomFilter bloom = own(new BloomFilter(10));
        SstFileManager files =
                own(new SstFileManager(Env.getDefault())); // with it, writing resumes when a full disk has space again
        BlockBasedTableConfig table = new BlockBasedTableConfig()
                .setBlockCache(cache)
                .setFilterPolicy(bloom)
                .setCacheIndexAndFilterBlocks(true)
                .setCacheIndexAndFilterBlocksWithHighPriority(true)
                .setPinL0FilterAndIndexBlocksInCache(true)
                // A whole filter of a large file would not fit into a part of the cache, so that each look-up read it
                // anew.
                .setIndexType(IndexType.kTwoLevelIndexSearch)
                .setPartitionFilters(true)
                .setPinTopLevelIndexAndFilter(true);
        options = own(new Options())
                .setCreateIfMissing(create)
                .setTableFormatConfig(table)
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setWriteBufferSize(MEMTABLE_BYTES)
                .setMaxWriteBufferNumber(MEMTABLES)
                .setMaxTotalWalSize(WAL_BYTES_MAX)
                .setMaxOpenFiles(FILES_OPEN_MAX)
                .setMaxBackgroundJobs(2)
                .setBytesPerSync(SYNC_EVERY_BYTES)
                .setWalBytesPerSync(SYNC_EVERY_BYTES)
                .setSstFileManager(files)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setKeepLogFileNum(INFO_LOGS_KEPT)
                .setMaxLogFileSize(INFO_LOG_BYTES)
                .setStatsDumpPeriodSec(0)
                .setStatsPersistPeriodSec(0);
        reads = own(new ReadOptions());
        scans = own(new ReadOptions()).setFillCache(false);
        logged = own(new WriteOptions());
        unlogged = own(new WriteOptions()).setDisableWAL(true);
        synced = own(new WriteOptions()).setSync(true);
        try {
            db = RocksDB.open(options, folder.toString());
        } catch (RocksDBException e) {
            closeOwned();
            throw e;
        }
    }

    private <T extends RocksObject> T own(T object) {
        owned.add(object);
        return object;
    }

    /** What {@code use} gives, never null. */
    <T> T read(String what, Use<T> use) {
        return Objects.requireNonNull(find(what, use));
    }

    /** @throws PersistenceException if RocksDB fails */
    <T> @Nullable T find(String what, Use<T> use) {
        lock.readLock().lock();
        try {
            if (db == null) throw new PersistenceException(Failure.UNAVAILABLE, what + ": not open");
            return use.with(db);
        } catch (RocksDBException e) {
            throw failed(what, e);
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * How often it was opened again. While a {@link Use} goes on that does not change; what was written in an
     * earlier one, and not logged, may be lost.
     */
    long openings() {
        lock.readLock().lock();
        try {
            return openings;
        } finally {
            lock.readLock().unlock();
        }
    }

    /** As {@link #read}; where it fails, {@link #recover} is needed. */
    <T> T write(String what, Use<T> use) {
        try {
            return read(what, use);
        } catch (PersistenceException e) {
            if (!writesFail) LOG.warn("Nothing can be written for now, reads go on: {}", e.getMessage());
            writesFail = true;
            throw e;
        }
    }

    /** Everything written so far, logged or not, is on disk when this returns. */
    void flush() {
        write("flushing", open -> {
            try (FlushOptions wait = new FlushOptions().setWaitForFlush(true)) {
                open.flush(wait);
            }
            open.syncWal();
            return true;
        });
    }

    /** Everything logged so far is on disk when this returns. */
    void sync() {
        write("syncing", open -> {
            open.syncWal();
            return true;
        });
    }

    /**
     * Tries whether writing works again, if it did not. To be called now and then, by one thread.
     *
     * @return whether nothing but {@link #reopen} will help
     */
    boolean recover() {
        if (!writesFail) return false;
        try {
            read("trying", open -> {
                open.put(synced, Keys.FORMAT, Keys.number(Folder.FORMAT));
                return true;
            });
            writesFail = false;
            failedProbes = 0;
            LOG.info("Writing works again.");
            return false;
        } catch (PersistenceException e) {
            return ++failedProbes >= PROBES_BEFORE_REOPENING
                    && folder.toFile().getUsableSpace() >= SPACE_TO_REOPEN_BYTES;
        }
    }

    /** Closes RocksDB and opens it again: it may have lost what was not logged. */
    void reopen() {
        lock.writeLock().lock();
        try {
            failedProbes = 0;
            if (db != null) {
                db.cancelAllBackgroundWork(true);
                db.close();
                db = null;
            }
            openings++;
            db = RocksDB.open(options, folder.toString());
            writesFail = false;
            LOG.info("Writing works again, after the data was opened anew.");
        } catch (RocksDBException e) {
            LOG.warn("The data could not be opened again: {}", e.getMessage());
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** What to tell of a failed call. */
    static PersistenceException failed(String what, RocksDBException e) {
        Status status = e.getStatus();
        Failure failure = Failure.UNAVAILABLE;
        if (status != null) {
            if (status.getSubCode() == Status.SubCode.NoSpace) failure = Failure.FULL;
            else if (status.getCode() == Status.Code.Corruption) failure = Failure.DAMAGED;
        }
        return new PersistenceException(failure, what + ": " + e.getMessage(), e);
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (db != null) {
                db.cancelAllBackgroundWork(true);
                db.close();
                db = null;
            }
            closeOwned();
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void closeOwned() {
        for (RocksObject object : owned.reversed()) object.close();
    }
}
