package io.switchboard.core.store;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Tail;
import org.jspecify.annotations.Nullable;

/** What became of an append: one of these, never an exception. */
public sealed interface AppendOutcome {
    /**
     * Committed, as durable as the channel's policy promises.
     *
     * @param channelId of the channel that took it; another one may have had the name when it was asked for
     * @param block the commit's messages of this channel, those of other appends of the same commit
     *     included; null when it only closed
     * @param offset after this append's last message
     * @param tail of the channel after the whole commit
     */
    record Appended(long channelId, @Nullable Block block, Offset offset, Tail tail) implements AppendOutcome {}

    /**
     * The producer's append was committed before, or closed the channel before.
     *
     * @param epoch of the producer
     * @param highestSequence accepted from it in this epoch
     */
    record Duplicate(Tail tail, long epoch, long highestSequence) implements AppendOutcome {}

    /** A later incarnation of the producer has written; this one is fenced. */
    record StaleEpoch(long currentEpoch) implements AppendOutcome {}

    /** A new epoch begins with sequence 0. */
    record EpochNotAtZero() implements AppendOutcome {}

    /** An append of this producer is missing before this one. */
    record SequenceGap(long expected, long received) implements AppendOutcome {}

    /** The channel takes no more messages. */
    record Closed(Tail tail) implements AppendOutcome {}

    /** The channel's messages have another type. */
    record WrongType(ContentType expected) implements AppendOutcome {}

    /** {@code Stream-Seq} is not greater than the last one. */
    record StreamSequenceRegression() implements AppendOutcome {}

    /** The channel already remembers as many producers as it may. */
    record TooManyProducers(int producersMax) implements AppendOutcome {}

    /**
     * More appends than this channel, or who appends, may have in a second; not handed to the store.
     *
     * @param afterMillis when one more may come, 1 or more
     */
    record TooFast(long afterMillis) implements AppendOutcome {}

    record NotFound() implements AppendOutcome {}

    /** Deleted, but kept for its forks. */
    record Gone() implements AppendOutcome {}

    /** The store could not. It is not known to have happened; a producer's retry is safe. */
    record Failed(Failure failure) implements AppendOutcome {}
}
