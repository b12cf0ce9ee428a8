package io.switchboard.http;

/** Answers requests. Called on the request's loop; must not block; answers now or later, on that loop. */
@FunctionalInterface
public interface Handler {
    void handle(Request request, Responder responder);
}
