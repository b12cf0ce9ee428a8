package io.switchboard.core.store;

import io.switchboard.core.channel.Run;

/** What a read of a channel's log brought. */
public sealed interface ReadOutcome {
    /** The messages right after the asked sequence, 1 or more. */
    record Messages(Run run) implements ReadOutcome {}

    /** The same, where they lie in a file. */
    record InFile(Stretch stretch) implements ReadOutcome {}

    /** There is nothing committed after the asked sequence. */
    record AtTail() implements ReadOutcome {}

    /** Retention has taken the next message; what is kept begins after {@code start}. */
    record Trimmed(long start) implements ReadOutcome {}

    /** This incarnation of the channel is no more. */
    record NotFound() implements ReadOutcome {}

    record Failed(Failure failure) implements ReadOutcome {}
}
