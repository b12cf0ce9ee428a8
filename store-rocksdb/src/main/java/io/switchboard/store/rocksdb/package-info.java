/**
 * The durable store of a single process: what the rules of core decide, kept in RocksDB in one folder.
 * It must not decide anything about channels, and nobody outside must know that it is RocksDB.
 */
@NullMarked
package io.switchboard.store.rocksdb;

import org.jspecify.annotations.NullMarked;
