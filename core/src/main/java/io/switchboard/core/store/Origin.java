package io.switchboard.core.store;

import io.switchboard.core.channel.Expiry;
import io.switchboard.core.store.Create.Fork;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a channel came to be: what its creation asked for, so that a repetition can be told from a
 * conflict, and where its inherited messages lie.
 *
 * @param expiryAsked as asked for; null if the creation named none
 * @param fork as asked for; null for a channel of its own
 * @param parentId the channel that was forked, which is kept as long as this one; 0 for none
 * @param segments where the inherited messages lie, in their order
 * @param depth how many forks lie between this channel and one of its own
 */
public record Origin(
        @Nullable Expiry expiryAsked, @Nullable Fork fork, long parentId, List<Segment> segments, int depth) {
    public Origin {
        segments = List.copyOf(segments);
    }

    private static final Origin OWN = new Origin(null, null, 0, List.of(), 0);

    /** Of a channel that is no fork. Most have one in common. */
    public static Origin own(@Nullable Expiry expiryAsked) {
        return expiryAsked == null ? OWN : new Origin(expiryAsked, null, 0, List.of(), 0);
    }
}
