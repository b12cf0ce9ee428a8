package io.switchboard.core.access;

import java.util.function.Consumer;

/**
 * Values for a URL that stand for an {@link Access} once, and for a short time. Any thread; answers come within
 * the call or later on another thread.
 */
public interface Tickets {
    /** How long a ticket waits to be taken. */
    long LIFE_MILLIS = 30_000;

    /** What came of asking for one. */
    sealed interface Issued {
        record Given(String ticket) implements Issued {
            @Override
            public String toString() {
                return "Given"; // and never the ticket, wherever this ends up
            }
        }

        /** As many of the subject's wait to be taken as may. */
        record TooManyOfSubject() implements Issued {}

        /** As many of all wait to be taken as may. */
        record TooMany() implements Issued {}

        /** It cannot be told whether the others would know it. */
        record Unavailable() implements Issued {}
    }

    /** What came of taking one. */
    sealed interface Redeemed {
        record Good(Access access) implements Redeemed {}

        /** It is none, too old, or was taken before. */
        record Refused() implements Redeemed {}

        /** It cannot be told now; it may be spent. */
        record Unavailable() implements Redeemed {}
    }

    void issue(Access access, Consumer<Issued> answer);

    /** Takes a ticket: nobody can take it again. */
    void redeem(String ticket, Consumer<Redeemed> answer);
}
