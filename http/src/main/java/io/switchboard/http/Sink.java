package io.switchboard.http;

import io.netty.buffer.ByteBuf;

/** The body of a response that comes piece by piece. Belongs to its request's loop. */
public interface Sink {
    /** How pieces must be framed by whoever encodes them. */
    Framing framing();

    /** Whether a piece would be taken without piling up. {@link Waiting#writable} tells when it is again. */
    boolean isWritable();

    /** Sends a framed piece; takes over the caller's hold on it. */
    void write(ByteBuf framed);

    /**
     * Sends a framed piece that others are sent too. The caller keeps its hold on it and changes neither it nor its
     * bounds any more.
     */
    void share(ByteBuf framed);

    /** Ends the body and lets the connection go. Nothing may follow. */
    void end();

    /** Asks for {@link Waiting#due} at another moment than before. */
    void wakeAt(long millis);

    /** When the last piece was sent, milliseconds since 1970. */
    long lastWriteMillis();
}
