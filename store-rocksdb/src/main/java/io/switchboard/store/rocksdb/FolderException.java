package io.switchboard.store.rocksdb;

import org.jspecify.annotations.Nullable;

/** The data folder cannot be used as it is. The message is a sentence for the operator that says what to do. */
public final class FolderException extends RuntimeException {
    FolderException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
