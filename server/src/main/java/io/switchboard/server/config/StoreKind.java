package io.switchboard.server.config;

/** Where channels are kept. */
public enum StoreKind {
    /** In the data folder. */
    ROCKSDB,
    /** In memory, until the server stops. */
    MEMORY,
    /** In Redis, which several servers share. */
    REDIS
}
