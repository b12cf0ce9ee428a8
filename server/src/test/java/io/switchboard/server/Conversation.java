package io.switchboard.server;

import io.switchboard.server.RawClient.Answer;

/** Requests and their answers, one after the other, over whatever version of HTTP. One thread. */
interface Conversation extends AutoCloseable {
    /**
     * Asks without a body.
     *
     * @param requestLine method and target
     * @param fields each {@code Name: value}
     */
    Conversation ask(String requestLine, String... fields);

    /** Appends to a channel. */
    Conversation post(String channel, String type, String body, String... fields);

    /** The head of the next answer. */
    Answer head();

    /** The next answer with its whole body. */
    Answer answer();

    /** Up to {@code max} bytes of a body as they come; 0 at the end. */
    int read(byte[] bytes, int max);

    /** The next chunk of a chunked body; empty for the last one. */
    byte[] chunk();

    @Override
    void close();
}
