package io.switchboard.cli.client;

import java.time.Duration;
import java.util.Optional;

/** How reading over one connection ended. */
sealed interface End {
    /**
     * Not for good: come back.
     *
     * @param after when the server said how long to stay away
     */
    record Away(Optional<Duration> after) implements End {
        static final Away SOMETIME = new Away(Optional.empty());
    }

    /** The last message of a closed channel was read. */
    record Closed() implements End {}

    /** Nobody wants more. */
    record Enough() implements End {}

    /** For good. */
    record Refused(Failure failure) implements End {}
}
