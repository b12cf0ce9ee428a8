package io.switchboard.core.store;

/** What holds a local store's data could not do what was asked. */
public final class PersistenceException extends RuntimeException {
    private final Failure failure;

    public PersistenceException(Failure failure, String message, Throwable cause) {
        super(message, cause);
        this.failure = failure;
    }

    public PersistenceException(Failure failure, String message) {
        super(message);
        this.failure = failure;
    }

    /** What to tell whoever asked. */
    public Failure failure() {
        return failure;
    }
}
