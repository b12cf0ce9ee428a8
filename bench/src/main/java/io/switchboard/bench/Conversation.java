package io.switchboard.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A connection over which HTTP/1.1 is written and read, whatever carries it, with its bytes counted as TCP or UDP has them: TLS,
 * frames and QUIC with them, without the heads of TCP, UDP and IP. One thread writes and one reads, and both may block.
 */
public interface Conversation extends AutoCloseable {
    /** @throws IOException by this and by what it reads, if the connection broke */
    InputStream input() throws IOException;

    /** Each piece that is written is a whole request, or frames of a WebSocket. */
    OutputStream output() throws IOException;

    /** Received since it began. */
    long bytesIn();

    /** Sent since it began. */
    long bytesOut();

    /** @param millis after which whoever waits for bytes is told so by a {@link java.net.SocketTimeoutException} */
    void patience(int millis) throws IOException;

    /** Ends it at once, without a farewell of TLS or TCP. */
    @Override
    void close();
}
