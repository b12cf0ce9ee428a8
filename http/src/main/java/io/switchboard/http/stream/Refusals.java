package io.switchboard.http.stream;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.reading.Page;
import io.switchboard.core.store.Failure;
import io.switchboard.http.Response;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import io.switchboard.http.wire.StreamHeaders;

/** The refusals that several handlers give, each in one place. */
public final class Refusals {
    private Refusals() {}

    public static Response invalid(String sentence) {
        return Response.of(Problem.of(ErrorCode.INVALID, sentence));
    }

    public static Response notFound() {
        return Response.of(Problem.of(ErrorCode.NOT_FOUND, "There is no such channel; PUT creates one."));
    }

    /** Deleted, and kept for its forks: for good. */
    public static Response deleted() {
        return Response.of(
                Problem.of(ErrorCode.GONE, "The channel was deleted.").with("reason", "deleted"));
    }

    public static Response trimmed(Offset earliest) {
        return Response.of(Problem.of(
                                ErrorCode.GONE,
                                "Messages after this offset are no longer retained; read on from the earliest one.")
                        .with("reason", "trimmed")
                        .with("earliest", earliest.toString()))
                .with(StreamHeaders.EARLIEST_OFFSET, earliest.toString());
    }

    public static Response lost(Offset resumeAt) {
        return Response.of(Problem.of(
                                ErrorCode.GONE,
                                "The channel has no such offset: what followed was lost, or it belonged to a channel "
                                        + "that was deleted. Read on from where this channel and you agree.")
                        .with("reason", "lost")
                        .with("resume", resumeAt.toString()))
                .with(StreamHeaders.EARLIEST_OFFSET, resumeAt.toString());
    }

    public static Response failed(Failure failure) {
        return switch (failure) {
            case FULL ->
                Response.of(Problem.of(ErrorCode.FULL, "The server has no space for more; reading still works."));
            case BUSY ->
                retryLater(Problem.of(ErrorCode.UNAVAILABLE, "The server has as much work as it may; try again."));
            case UNAVAILABLE ->
                retryLater(Problem.of(ErrorCode.UNAVAILABLE, "The store does not answer now; try again."));
            case DAMAGED ->
                Response.of(Problem.of(ErrorCode.INTERNAL, "What is stored of this channel cannot be read."));
        };
    }

    private static Response retryLater(Problem problem) {
        return Response.of(problem).with(HttpHeaderNames.RETRY_AFTER, "1");
    }

    /** The refusal that a page other than messages or the tail is answered with. */
    static Response of(Page page) {
        return switch (page) {
            case Page.Trimmed(var info, Offset earliest) -> trimmed(earliest);
            case Page.Lost(var info, Offset resumeAt) -> lost(resumeAt);
            case Page.NotFound() -> notFound();
            case Page.Gone() -> deleted();
            case Page.Failed(Failure failure) -> failed(failure);
            case Page.AtTail t -> throw new IllegalArgumentException("not a refusal");
            case Page.Messages m -> throw new IllegalArgumentException("not a refusal");
        };
    }
}
