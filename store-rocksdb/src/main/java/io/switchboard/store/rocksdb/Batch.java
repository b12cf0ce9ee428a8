package io.switchboard.store.rocksdb;

import java.util.Arrays;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * Rows to be written in one step, gathered here in the form in which RocksDB keeps a batch and handed
 * over at once: one call into native code a commit instead of one a row. One thread; may be used again
 * after {@link #clear}.
 *
 * <pre>
 *   8 bytes, filled in by RocksDB; number of rows, 32 bits, little-endian; rows
 *   row: 1, key, value  or  0, key      key, value: length as a varint, bytes
 * </pre>
 */
final class Batch {
    private static final int HEADER = 12;
    private static final byte DELETE = 0;
    private static final byte PUT = 1;
    private static final int KEPT_BYTES_MAX = 8 << 20;

    private byte[] bytes = new byte[4_096];
    private int length = HEADER;
    private int rows;

    void put(byte[] key, byte[] value) {
        begin(PUT, key, value.length + 5);
        blob(value);
    }

    void delete(byte[] key) {
        begin(DELETE, key, 0);
    }

    private void begin(byte kind, byte[] key, int more) {
        long needed = (long) length + 1 + 5 + key.length + more;
        if (needed > bytes.length) bytes = Arrays.copyOf(bytes, Math.toIntExact(Math.max(needed, 2L * bytes.length)));
        bytes[length++] = kind;
        blob(key);
        rows++;
    }

    private void blob(byte[] blob) {
        int left = blob.length;
        for (; left >= 0x80; left >>>= 7) bytes[length++] = (byte) (left | 0x80);
        bytes[length++] = (byte) left;
        System.arraycopy(blob, 0, bytes, length, blob.length);
        length += blob.length;
    }

    int rows() {
        return rows;
    }

    int length() {
        return length;
    }

    /** @return how many rows were written */
    int write(RocksDB db, WriteOptions options) throws RocksDBException {
        for (int i = 0; i < 4; i++) bytes[8 + i] = (byte) (rows >>> (8 * i));
        try (WriteBatch batch = new WriteBatch(Arrays.copyOf(bytes, length))) {
            db.write(options, batch);
        }
        return rows;
    }

    void clear() {
        length = HEADER;
        rows = 0;
        if (bytes.length > KEPT_BYTES_MAX) bytes = new byte[4_096];
    }
}
