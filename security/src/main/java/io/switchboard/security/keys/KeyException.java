package io.switchboard.security.keys;

import org.jspecify.annotations.Nullable;

/** Keys that cannot be used. The message is a sentence for the operator; it holds nothing of a key. */
public final class KeyException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String sentence;

    public KeyException(String sentence) {
        this(sentence, null);
    }

    public KeyException(String sentence, @Nullable Throwable cause) {
        super(sentence, cause);
        this.sentence = sentence;
    }

    /** What is wrong and what to do, for the operator. */
    public String sentence() {
        return sentence;
    }
}
