package io.switchboard.store.rocksdb;

import org.jspecify.annotations.Nullable;

/** The data folder cannot be used as it is. The message is a sentence for the operator that says what to do. */
public final class FolderException extends RuntimeException {
    private final String sentence;

    FolderException(String sentence, @Nullable Throwable cause) {
        super(sentence, cause);
        this.sentence = sentence;
    }

    /** What is wrong and what to do, for the operator. */
    public String sentence() {
        return sentence;
    }
}
