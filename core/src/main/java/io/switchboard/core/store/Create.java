package io.switchboard.core.store;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Expiry;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Payloads;
import org.jspecify.annotations.Nullable;

/**
 * A request to make a channel, or to find it as asked for.
 *
 * @param name of the channel
 * @param type of its messages; null to inherit the source's, or {@link ContentType#BINARY} without a source
 * @param expiry when it ends; null to inherit the source's, or never without a source
 * @param closed whether it is closed from the start
 * @param initial its first messages; may be none
 * @param fork where it branches off; null for a channel of its own
 * @param subject who asks; null for anonymous
 */
public record Create(
        ChannelName name,
        @Nullable ContentType type,
        @Nullable Expiry expiry,
        boolean closed,
        Payloads initial,
        @Nullable Fork fork,
        @Nullable String subject) {
    /**
     * Where a fork branches off.
     *
     * @param source the channel whose messages it inherits
     * @param at the position up to which it inherits them; {@link Offset#ZERO} for none of them, null
     *     for the source's tail
     * @param subOffset how much of the append right after {@code at} it inherits too: messages of a JSON
     *     channel, bytes of any other; 0 or more
     */
    public record Fork(ChannelName source, @Nullable Offset at, long subOffset) {}
}
