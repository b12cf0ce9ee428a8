package io.switchboard.core.nodes;

import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one place that all nodes reach: it keeps the list of their leases by one clock, and passes messages on. Any thread;
 * what blocks says so. Answers come on any thread, within the time that its settings allow.
 */
public interface Rendezvous extends AutoCloseable {
    /**
     * Who holds a lease.
     *
     * @param wasListed whether the node that asked held one already; if not, the list may have been lost with it
     */
    record Roll(boolean wasListed, Set<String> living) {
        public Roll {
            living = Set.copyOf(living);
        }
    }

    /**
     * Lets the node's lease last from now on for so long, and takes those off the list whose are over.
     *
     * @param answer gets null if it is not known whether that was done
     */
    void renew(String id, long leaseMillis, Consumer<@Nullable Roll> answer);

    /**
     * Ends the node's lease, if it can; renewals that were asked for before do not bring it back, and nobody may ask for
     * another one. Blocks.
     */
    void leave(String id);

    /** Passes a message to all who hear, the caller among them; it may be lost. */
    void call(byte[] message);

    /** Says who hears. Once. */
    void hear(Hearer hearer);

    /** Nothing is heard after it. */
    @Override
    void close();

    /** Who is called. On any thread; must not block. */
    interface Hearer {
        /** Calls are heard from now on, for the first time or again. */
        void hearing();

        void heard(byte[] message);
    }
}
