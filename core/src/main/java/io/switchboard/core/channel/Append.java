package io.switchboard.core.channel;

import org.jspecify.annotations.Nullable;

/**
 * One append as it was asked for. It takes effect whole or not at all.
 *
 * @param channel to append to
 * @param type of the messages; null only when there are none
 * @param payloads the messages; none only together with {@code close}
 * @param close whether the channel ends with this append
 * @param producer null unless the append is idempotent
 * @param streamSequence {@code Stream-Seq}: must be greater than the channel's last one; null for none
 * @param subject who appends; null for anonymous
 */
public record Append(
        ChannelName channel,
        @Nullable ContentType type,
        Payloads payloads,
        boolean close,
        @Nullable Producer producer,
        @Nullable String streamSequence,
        @Nullable String subject) {
    public static final int STREAM_SEQUENCE_LENGTH_MAX = 256;

    public Append {
        if (payloads.count() == 0 && !close) throw new IllegalArgumentException("an append has messages or closes");
        if (payloads.count() > 0 && type == null) throw new IllegalArgumentException("messages have a type");
    }

    /** A plain append of messages. */
    public static Append of(ChannelName channel, ContentType type, Payloads payloads) {
        return new Append(channel, type, payloads, false, null, null, null);
    }
}
