package io.switchboard.core.access;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Values for a URL that stand for an {@link Access} once, and for a short time. Any thread; answers come within
 * the call or later on another thread.
 */
public interface Tickets {
    /** How long a ticket waits to be taken. */
    long LIFE_MILLIS = 30_000;

    /** @param answer gets the ticket; null if no more can be given now */
    void issue(Access access, Consumer<@Nullable String> answer);

    /**
     * Takes a ticket: nobody can take it again.
     *
     * @param answer gets whom it stood for; null if it is none, too old, or was taken before
     */
    void redeem(String ticket, Consumer<@Nullable Access> answer);
}
