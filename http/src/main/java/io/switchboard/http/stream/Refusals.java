package io.switchboard.http.stream;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.reading.Page;
import io.switchboard.core.store.Failure;
import io.switchboard.http.Response;
import io.switchboard.http.outcome.Problems;
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
        return Response.of(Problems.notFound());
    }

    public static Response deleted() {
        return Response.of(Problems.deleted());
    }

    public static Response trimmed(Offset earliest) {
        return Response.of(Problems.trimmed(earliest)).with(StreamHeaders.EARLIEST_OFFSET, earliest.toString());
    }

    public static Response lost(Offset resumeAt) {
        return Response.of(Problems.lost(resumeAt)).with(StreamHeaders.EARLIEST_OFFSET, resumeAt.toString());
    }

    public static Response failed(Failure failure) {
        Problem problem = Problems.of(failure);
        Response response = Response.of(problem);
        return problem.code() == ErrorCode.UNAVAILABLE ? response.with(HttpHeaderNames.RETRY_AFTER, "1") : response;
    }

    /** The refusal that a page other than messages or the tail is answered with. */
    public static Response of(Page page) {
        return switch (page) {
            case Page.Trimmed(var info, Offset earliest) -> trimmed(earliest);
            case Page.Lost(var info, Offset resumeAt) -> lost(resumeAt);
            case Page.NotFound() -> notFound();
            case Page.Gone() -> deleted();
            case Page.Failed(Failure failure) -> failed(failure);
            case Page.AtTail t -> throw new IllegalArgumentException("not a refusal");
            case Page.Messages m -> throw new IllegalArgumentException("not a refusal");
            case Page.InFile f -> throw new IllegalArgumentException("not a refusal");
        };
    }
}
