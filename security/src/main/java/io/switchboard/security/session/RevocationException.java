package io.switchboard.security.session;

import org.jspecify.annotations.Nullable;

/** The file of revocations cannot be used. The message is a sentence for the operator that says what to do. */
public final class RevocationException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String sentence;

    RevocationException(String sentence, @Nullable Throwable cause) {
        super(sentence, cause);
        this.sentence = sentence;
    }

    /** What is wrong and what to do, for the operator. */
    public String sentence() {
        return sentence;
    }
}
