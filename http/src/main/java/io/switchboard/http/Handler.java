package io.switchboard.http;

import org.jspecify.annotations.Nullable;

/** Answers requests. Called on the request's loop; must not block; answers now or later, on that loop. */
@FunctionalInterface
public interface Handler {
    void handle(Request request, Responder responder);

    /**
     * Whether the body of a request is worth receiving.
     *
     * @param head the request without its body
     * @return the refusal that is known without the body, null for none; it ends the connection
     */
    default @Nullable Response beforeBody(Request head) {
        return null;
    }
}
