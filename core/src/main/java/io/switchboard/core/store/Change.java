package io.switchboard.core.store;

import io.switchboard.core.channel.Block;

/** One change to what a local store keeps; it names what is to be, so that writing it twice does no harm. */
public sealed interface Change {
    /** A channel is new, or what hardly changes has changed: its info and origin, and its name leads to it. */
    record PutChannel(ChannelState state) implements Change {}

    /**
     * The moving part of a channel.
     *
     * @param followsFromBlock whether all that is new in it, its newest sequence and its bytes, can be told
     *     from the block that is put in the same step
     */
    record PutTail(ChannelState state, boolean followsFromBlock) implements Change {}

    /** Messages of a channel's own, right behind those it has. */
    record PutBlock(ChannelState state, Block block) implements Change {}

    record PutProducer(long channelId, String producer, ProducerState state) implements Change {}

    /** A channel's place in the order of deadlines; {@link Long#MAX_VALUE} is none. */
    record MoveDeadline(ChannelState state, long fromMillis, long toMillis) implements Change {}

    /** The channel is kept for its forks only: it is not listed, its name still leads to it, its producers are forgotten. */
    record Retire(ChannelState state) implements Change {}

    /** Nothing of the channel is needed any more. */
    record Remove(ChannelState state) implements Change {}

    /**
     * Own messages of the channel up to {@link ChannelState#keptAfter()} are not needed; when they go does
     * not matter.
     *
     * @param from through which message they were not needed before
     */
    record Trim(ChannelState state, long from) implements Change {}
}
