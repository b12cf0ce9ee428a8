package io.switchboard.client;

import java.util.concurrent.CompletionStage;

/** Who knows the token to show: asked before the first connection and whenever a new one is needed, one call at a time. */
@FunctionalInterface
public interface TokenSource {
    /**
     * A token, in the future or at once. Called on the executor of {@link Options}; may block. If it fails it is asked
     * again, later each time; an empty text says that there will be none, and ends the client.
     */
    CompletionStage<String> token();
}
