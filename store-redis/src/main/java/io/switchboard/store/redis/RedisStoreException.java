package io.switchboard.store.redis;

/** The store cannot be opened; its message tells the operator what to do. */
public final class RedisStoreException extends RuntimeException {
    RedisStoreException(String message, Throwable cause) {
        super(message, cause);
    }

    RedisStoreException(String message) {
        super(message);
    }
}
