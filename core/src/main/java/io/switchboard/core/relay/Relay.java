package io.switchboard.core.relay;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Tail;
import org.jspecify.annotations.Nullable;

/**
 * How nodes that share one store tell each other of what they commit. A call is a hint: it may be lost, come twice,
 * late, or before the answer to the append it tells of. What was committed is in the store, and whoever is in doubt
 * looks there.
 *
 * <p>Any thread may call; no call blocks.
 */
public interface Relay extends AutoCloseable {
    /** Nobody else writes to the store, so there is nothing to hear. */
    Relay ALONE = new Relay() {
        @Override
        public boolean isShared() {
            return false;
        }

        @Override
        public void start(Hearer hearer) {}

        @Override
        public void follow(ChannelName name) {}

        @Override
        public void unfollow(ChannelName name) {}

        @Override
        public void close() {}
    };

    /** Whether others write to the same store, so that what is known here may be out of date. */
    boolean isShared();

    /** Says who hears the calls. Once, before anything is followed. */
    void start(Hearer hearer);

    /**
     * Calls of this channel are wanted from now on. As soon as they are heard, and each time that begins anew (a
     * connection was lost, a shard has moved), the hearer is told that the channel may have {@link Hearer#changed}.
     * Following what is followed already does nothing.
     */
    void follow(ChannelName name);

    /** Calls of this channel are not wanted any more; some may still come. */
    void unfollow(ChannelName name);

    /** Lets go of all resources. Nothing is heard after it. */
    @Override
    void close();

    /** Who is called. On any thread; must not block. */
    interface Hearer {
        /**
         * Something was committed, by this node or another.
         *
         * @param id the channel's incarnation
         * @param block the messages; null if it was closed, or where they are too large for a call
         * @param tail after it
         */
        void called(ChannelName name, long id, @Nullable Block block, Tail tail);

        /** The channel was made or deleted, or calls may have been missed: the store knows. */
        void changed(ChannelName name);
    }
}
