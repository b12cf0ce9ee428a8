package io.switchboard.store.rocksdb;

import io.switchboard.core.store.Failure;
import io.switchboard.core.store.PersistenceException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.Env;
import org.rocksdb.FlushOptions;
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

/**
 * RocksDB, opened with the settings that suit a log of channels, and everything native that belongs
 * to it. Any thread; nobody may use it after {@link #close}.
 */
final class Database implements AutoCloseable {
    private static final long CACHE_BYTES = 32L << 20;
    private static final long MEMTABLE_BYTES = 16L << 20;
    private static final int MEMTABLES = 3;
    private static final long WAL_BYTES_MAX = 64L << 20;
    private static final int FILES_OPEN_MAX = 1_000;
    private static final int INFO_LOGS_KEPT = 3;
    private static final long INFO_LOG_BYTES = 1L << 20;
    private static final long SYNC_EVERY_BYTES = 1L << 20;

    final RocksDB db;
    final ReadOptions reads;
    final WriteOptions logged;
    final WriteOptions unlogged;
    final WriteOptions synced;
    private final List<RocksObject> owned = new ArrayList<>();

    Database(Path folder, boolean create) throws RocksDBException {
        LRUCache cache = own(new LRUCache(CACHE_BYTES));
        BloomFilter bloom = own(new BloomFilter(10));
        SstFileManager files =
                own(new SstFileManager(Env.getDefault())); // with it, writing resumes when a full disk has space again
        BlockBasedTableConfig table = new BlockBasedTableConfig()
                .setBlockCache(cache)
                .setFilterPolicy(bloom)
                .setCacheIndexAndFilterBlocks(true)
                .setPinL0FilterAndIndexBlocksInCache(true);
        Options options = own(new Options())
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

    /** Everything written so far, logged or not, is on disk when this returns. */
    void flush() throws RocksDBException {
        try (FlushOptions options = new FlushOptions().setWaitForFlush(true)) {
            db.flush(options);
        }
        db.syncWal();
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
        db.cancelAllBackgroundWork(true);
        db.close();
        closeOwned();
    }

    private void closeOwned() {
        for (RocksObject object : owned.reversed()) object.close();
    }
}
