package io.switchboard.core.store;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the rules of stores look up of what is kept. Any thread, at any time, all at once. All may block and may throw
 * {@link PersistenceException}.
 */
public interface Lookup {
    /** The channel that has this name, a retired one too; null for none. */
    @Nullable
    ChannelState channel(ChannelName name);

    /** The channel with this id, a retired one too; null for none. */
    @Nullable
    ChannelState channel(long id);

    @Nullable
    ProducerState producer(long channelId, String producer);

    /**
     * Blocks of a channel's own messages, in order, from the first that holds a message after
     * {@code sequence} on: at least one if there is one, and more up to about {@code bytesMax}.
     */
    List<Block> blocks(long channelId, long sequence, long bytesMax);

    /**
     * A channel's own messages from the one after {@code sequence} on, in a file; null where they are not kept that
     * way.
     *
     * @param through none of a later sequence
     */
    default @Nullable Stretch stretch(long channelId, long sequence, long through) {
        return null;
    }
}
