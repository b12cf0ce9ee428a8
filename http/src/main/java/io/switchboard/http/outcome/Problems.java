package io.switchboard.http.outcome;

import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.reading.Page;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Failure;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import org.jspecify.annotations.Nullable;

/** Outcomes that are refusals, as problems. */
public final class Problems {
    private Problems() {}

    public static Problem notFound() {
        return Problem.of(ErrorCode.NOT_FOUND, "There is no such channel; PUT creates one.");
    }

    /** Deleted, and kept for its forks: for good. */
    public static Problem deleted() {
        return Problem.of(ErrorCode.GONE, "The channel was deleted.").with("reason", "deleted");
    }

    public static Problem trimmed(Offset earliest) {
        return Problem.of(
                        ErrorCode.GONE,
                        "Messages after this offset are no longer retained; read on from the earliest one.")
                .with("reason", "trimmed")
                .with("earliest", earliest.toString());
    }

    public static Problem lost(Offset resumeAt) {
        return Problem.of(
                        ErrorCode.GONE,
                        "The channel has no such offset: what followed was lost, or it belonged to a channel "
                                + "that was deleted. Read on from where this channel and you agree.")
                .with("reason", "lost")
                .with("resume", resumeAt.toString());
    }

    public static Problem of(Failure failure) {
        return switch (failure) {
            case FULL -> Problem.of(ErrorCode.FULL, "The server has no space for more; reading still works.");
            case BUSY -> Problem.of(ErrorCode.UNAVAILABLE, "The server has as much work as it may; try again.");
            case UNAVAILABLE -> Problem.of(ErrorCode.UNAVAILABLE, "The store does not answer now; try again.");
            case DAMAGED -> Problem.of(ErrorCode.INTERNAL, "What is stored of this channel cannot be read.");
        };
    }

    /** The problem of an append; null if it took effect, now or before. */
    public static @Nullable Problem of(AppendOutcome outcome) {
        return switch (outcome) {
            case AppendOutcome.Appended appended -> null;
            case AppendOutcome.Duplicate duplicate -> null;
            case AppendOutcome.StaleEpoch(long current) ->
                Problem.of(ErrorCode.FORBIDDEN, "A later epoch of this producer has written; this one is fenced off.")
                        .with("currentEpoch", current);
            case AppendOutcome.EpochNotAtZero() ->
                Problem.of(ErrorCode.INVALID, "A new epoch of a producer begins with sequence 0.");
            case AppendOutcome.SequenceGap(long expected, long received) ->
                Problem.of(ErrorCode.CONFLICT, "An append of this producer is missing before this one.")
                        .with("reason", "sequence_gap")
                        .with("expectedSeq", expected);
            case AppendOutcome.Closed(Tail tail) ->
                Problem.of(ErrorCode.CONFLICT, "The channel is closed and takes no more messages.")
                        .with("reason", "closed");
            case AppendOutcome.WrongType(ContentType expected) ->
                Problem.of(ErrorCode.CONFLICT, "The channel's messages have another Content-Type.")
                        .with("reason", "content_type")
                        .with("expected", expected.value());
            case AppendOutcome.StreamSequenceRegression() ->
                Problem.of(ErrorCode.CONFLICT, "Stream-Seq must be greater than the channel's last one.")
                        .with("reason", "stream_seq");
            case AppendOutcome.TooManyProducers(int producersMax) ->
                Problem.of(ErrorCode.TOO_MANY, "The channel remembers as many producers as it may; use one of them.")
                        .with("producersMax", producersMax);
            case AppendOutcome.TooFast(long afterMillis) ->
                Problem.of(
                                ErrorCode.TOO_MANY,
                                "There were as many appends in this second as there may be; wait a moment.")
                        .with("afterMillis", afterMillis);
            case AppendOutcome.NotFound() -> notFound();
            case AppendOutcome.Gone() -> deleted();
            case AppendOutcome.Failed(Failure failure) -> of(failure);
        };
    }

    /** The problem of a read that gave neither messages nor the tail. */
    public static Problem of(Page page) {
        return switch (page) {
            case Page.Trimmed(var info, Offset earliest) -> trimmed(earliest);
            case Page.Lost(var info, Offset resumeAt) -> lost(resumeAt);
            case Page.NotFound() -> notFound();
            case Page.Gone() -> deleted();
            case Page.Failed(Failure failure) -> of(failure);
            case Page.AtTail t -> throw new IllegalArgumentException("not a refusal");
            case Page.Messages m -> throw new IllegalArgumentException("not a refusal");
            case Page.InFile f -> throw new IllegalArgumentException("not a refusal");
        };
    }
}
