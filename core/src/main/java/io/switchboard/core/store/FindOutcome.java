package io.switchboard.core.store;

/** What is known of a channel name. */
public sealed interface FindOutcome {
    record Here(Found found) implements FindOutcome {}

    record NotFound() implements FindOutcome {}

    /** Deleted, but kept for its forks. */
    record Gone() implements FindOutcome {}

    record Failed(Failure failure) implements FindOutcome {}
}
