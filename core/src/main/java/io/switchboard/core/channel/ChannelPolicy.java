package io.switchboard.core.channel;

/**
 * What holds for a channel whatever its creator asked for.
 *
 * @param durability what an acknowledged append survives
 * @param retention how much of the log is kept
 * @param creation whether an append may create the channel
 */
public record ChannelPolicy(Durability durability, Retention retention, Creation creation) {
    public static final ChannelPolicy DEFAULT = new ChannelPolicy(Durability.OS, Retention.FOREVER, Creation.EXPLICIT);

    /** Who makes a channel. */
    public enum Creation {
        /** Only a PUT. */
        EXPLICIT,
        /** A PUT, or the first append. */
        ON_FIRST_USE
    }
}
