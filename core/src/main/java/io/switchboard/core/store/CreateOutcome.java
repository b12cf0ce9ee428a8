package io.switchboard.core.store;

/** What became of a {@link Create}. */
public sealed interface CreateOutcome {
    /** It is new. */
    record Created(Found found) implements CreateOutcome {}

    /** It was there, exactly as asked for. */
    record Existed(Found found) implements CreateOutcome {}

    /** It was there, otherwise than asked for; or its name is held by a deleted channel that has forks. */
    record Conflict(Reason reason) implements CreateOutcome {}

    /** The source of the fork does not exist. */
    record SourceNotFound() implements CreateOutcome {}

    /** The source of the fork is deleted, or has another type. */
    record SourceConflict(Reason reason) implements CreateOutcome {}

    /** The fork offset or sub-offset is no position of the source. */
    record BadForkPosition() implements CreateOutcome {}

    record Failed(Failure failure) implements CreateOutcome {}

    /** Why a creation conflicts with what is there. */
    enum Reason {
        OTHER_TYPE,
        OTHER_EXPIRY,
        OTHER_CLOSURE,
        OTHER_FORK,
        DELETED_BUT_FORKED,
        /** A fork of a fork of a fork, and so on beyond what the store keeps track of. */
        FORKED_TOO_DEEP
    }
}
