package io.switchboard.core.store;

import io.switchboard.core.channel.ChannelInfo;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Tail;
import org.jspecify.annotations.Nullable;

/**
 * All that a local store knows of a channel besides its messages and producers. {@code info} and
 * {@code origin} hardly ever change and are stored apart from the rest, which every append changes.
 *
 * @param info what clients see of what stays
 * @param origin how it came to be
 * @param tail what clients see of what moves
 * @param streamSequence the last {@code Stream-Seq}; null before the first
 * @param producers how many producers it remembers
 * @param forks how many channels were forked from it and still exist
 * @param pin sequence after which messages are kept for forks, trimmed or not; {@link Long#MAX_VALUE}
 *     without forks
 * @param deleted whether only its forks keep it
 * @param deadlineMillis when it expires, as far as remembered; {@link Long#MAX_VALUE} for never
 */
public record ChannelState(
        ChannelInfo info,
        Origin origin,
        Tail tail,
        @Nullable String streamSequence,
        int producers,
        int forks,
        long pin,
        boolean deleted,
        long deadlineMillis) {
    public long id() {
        return info.id();
    }

    public ChannelName name() {
        return info.name();
    }

    /** Sequence of the newest message; 0 before the first. */
    public long sequence() {
        return tail.sequence();
    }

    /** Sequence after which messages must be kept, for readers or for forks. */
    public long keptAfter() {
        return Math.min(tail.start(), pin);
    }

    Found found() {
        return new Found(info, tail, deadlineMillis);
    }

    ChannelState with(Tail newTail) {
        return new ChannelState(info, origin, newTail, streamSequence, producers, forks, pin, deleted, deadlineMillis);
    }
}
