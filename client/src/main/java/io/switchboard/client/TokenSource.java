package io.switchboard.client;

import java.util.concurrent.CompletionStage;

/** Who knows the token to show: asked before the first connection and whenever a new one is needed, one call at a time. */
@FunctionalInterface
public interface TokenSource {
    /**
     * A token, in the future or at once. Called on the executor of {@link Options}; may block. If it fails, or has no
     * answer in 30 s, it is asked again, later each time; the fourth time in a row without an answer ends the client. An
     * empty text, or null, says that there will be none, and ends it at once.
     */
    CompletionStage<String> token();
}
