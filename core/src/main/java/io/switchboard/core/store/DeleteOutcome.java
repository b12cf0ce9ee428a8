package io.switchboard.core.store;

/** What became of a deletion. */
public sealed interface DeleteOutcome {
    /** Nothing of it is reachable any more, but through its forks. */
    record Deleted() implements DeleteOutcome {}

    record NotFound() implements DeleteOutcome {}

    /** Deleted before, but kept for its forks. */
    record Gone() implements DeleteOutcome {}

    record Failed(Failure failure) implements DeleteOutcome {}
}
