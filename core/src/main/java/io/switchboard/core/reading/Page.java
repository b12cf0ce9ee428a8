package io.switchboard.core.reading;

import io.switchboard.core.channel.ChannelInfo;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Run;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.Stretch;

/** What a look into a channel's log from some position brought. */
public sealed interface Page {
    /** The messages right after the position, 1 or more; {@code tail} as it was then. */
    record Messages(ChannelInfo info, Tail tail, Run run) implements Page {
        /** Whether the channel has nothing after these. */
        public boolean reachesTail() {
            return run.lastSequence() == tail.sequence();
        }
    }

    /** The same, where they lie in a file; its receiver closes it. */
    record InFile(ChannelInfo info, Tail tail, Stretch stretch) implements Page {
        /** Whether the channel has nothing after these. */
        public boolean reachesTail() {
            return stretch.last().sequence() == tail.sequence();
        }
    }

    /** The position is the tail. */
    record AtTail(ChannelInfo info, Tail tail) implements Page {}

    /**
     * The message after the position is no more, by retention; what is kept begins at {@code earliest}.
     */
    record Trimmed(ChannelInfo info, Offset earliest) implements Page {}

    /**
     * The channel has no such position: it was in a tail that was lost, in a deleted channel of that
     * name, or nowhere.
     *
     * @param resumeAt the end of what this channel may have shown that reader
     */
    record Lost(ChannelInfo info, Offset resumeAt) implements Page {}

    record NotFound() implements Page {}

    /** Deleted, but kept for its forks. */
    record Gone() implements Page {}

    record Failed(Failure failure) implements Page {}
}
