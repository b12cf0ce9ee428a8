package io.switchboard.http;

import io.netty.buffer.ByteBuf;

/** The body of a response that comes piece by piece. Belongs to its request's loop. */
public interface Sink {
    /** How pieces must be framed by whoever encodes them. */
    enum Framing {
        /** As they are; the end of the connection is the end of the body. */
        NONE,
        /** Each as one chunk of HTTP/1.1's chunked coding (RFC 9112, section 7.1). */
        CHUNKED
    }

    Framing framing();

    /** Whether a piece would be taken without piling up. {@link Waiting#writable} tells when it is again. */
    boolean isWritable();

    /** Sends a framed piece; takes over the caller's hold on it. */
    void write(ByteBuf framed);

    /** Ends the body and lets the connection go. Nothing may follow. */
    void end();

    /** Asks for {@link Waiting#due} at another moment than before. */
    void wakeAt(long millis);

    /** When the last piece was sent, milliseconds since 1970. */
    long lastWriteMillis();
}
