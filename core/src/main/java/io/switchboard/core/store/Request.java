package io.switchboard.core.store;

import io.switchboard.core.channel.ChannelName;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One request on its way through a commit. Made by any thread, then the committing thread's. */
final class Request<O> {
    final ChannelName name;
    final int bytes;
    final Function<Commit, Boolean> fits;
    final Function<Commit, Supplier<O>> rule;
    final Function<Failure, O> failed;
    final Executor answerOn;
    final Answer<O> answer;

    @Nullable
    Supplier<O> decision;

    @Nullable
    Failure failure;

    Request(
            ChannelName name,
            int bytes,
            Function<Commit, Boolean> fits,
            Function<Commit, Supplier<O>> rule,
            Function<Failure, O> failed,
            Executor answerOn,
            Answer<O> answer) {
        this.name = name;
        this.bytes = bytes;
        this.fits = fits;
        this.rule = rule;
        this.failed = failed;
        this.answerOn = answerOn;
        this.answer = answer;
    }

    void decide(Commit commit) {
        try {
            decision = rule.apply(commit);
        } catch (PersistenceException e) {
            failure = e.failure();
        }
    }

    void tell(@Nullable Failure commitFailure) {
        Failure why = failure != null ? failure : commitFailure;
        if (why == null && decision != null) answer.done(decision.get());
        else answer.done(failed.apply(why == null ? Failure.UNAVAILABLE : why));
    }
}
