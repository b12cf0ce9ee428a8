package io.switchboard.http;

/** Somebody who speaks on a {@link Socket}. Called on its loop. */
public interface SocketOwner {
    /** The socket is open. Called once, and first; not at all if there is nobody to speak with any more. */
    void begin(Socket socket);

    /**
     * A whole message has arrived. The owner gives {@link Socket#consumed} its length back when it is done with
     * it, within this call or later.
     *
     * @param text whether it came as text; then it is valid UTF-8
     * @param bytes nobody else's
     */
    void message(boolean text, byte[] bytes);

    /** There is room again after {@link Socket#isWritable} was false. */
    void writable();

    /**
     * The server is going down, and will close this socket soon: what the client should be told of that can be sent
     * now.
     *
     * @param afterMillis when the client should be back, from now
     */
    void drain(long afterMillis);

    /**
     * Whom the socket is for is not that much longer. Called once for each {@link Socket#admit}.
     *
     * @param millis until {@link #expire}, at most {@value Socket#EXPIRING_MILLIS}
     */
    void expiring(long millis);

    /** Whom the socket was for counts no more: the owner closes it. */
    void expire();

    /** What is spoken, for whoever looks after the server. */
    Occupation occupation();

    /** The socket has ended, from either side. Called once after {@link #begin}, and last. */
    void gone();
}
