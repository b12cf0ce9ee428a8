package io.switchboard.store.redis;

import org.jspecify.annotations.Nullable;

/** The store cannot be opened; its message tells the operator what to do. */
public final class RedisStoreException extends RuntimeException {
    RedisStoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    RedisStoreException(String message) {
        super(message);
    }
}
