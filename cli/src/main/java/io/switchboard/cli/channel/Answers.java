package io.switchboard.cli.channel;

import io.switchboard.client.SwitchboardException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** What a client's futures hold. */
final class Answers {
    private Answers() {}

    /** Blocks until it is there; a refusal comes as itself. */
    static <T> T of(CompletableFuture<T> answer) throws InterruptedException {
        try {
            return answer.get();
        } catch (ExecutionException failed) {
            throw refusal(failed);
        }
    }

    /** The refusal that is the cause, whatever it was wrapped in. */
    static SwitchboardException refusal(Throwable failed) {
        Throwable cause = failed;
        while ((cause instanceof ExecutionException || cause instanceof CompletionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof SwitchboardException refused) return refused;
        throw new IllegalStateException(cause);
    }
}
