package io.switchboard.client;

import java.util.Optional;

/**
 * How a subscription ended.
 *
 * @param error why, if it was refused; empty otherwise
 */
public record End(Kind kind, Optional<SwitchboardException> error) {
    /** What ended it. */
    public enum Kind {
        /** The channel is closed, and its last message was given. */
        CLOSED,
        /** The channel is no more. */
        DELETED,
        /** The server refuses, or the client cannot go on. */
        REFUSED,
        /** The application ended the subscription, or closed the client. */
        CANCELLED
    }

    static final End CLOSED = new End(Kind.CLOSED, Optional.empty());
    static final End DELETED = new End(Kind.DELETED, Optional.empty());
    static final End CANCELLED = new End(Kind.CANCELLED, Optional.empty());

    static End refused(SwitchboardException error) {
        return new End(Kind.REFUSED, Optional.of(error));
    }
}
