package io.switchboard.http;

/** Somebody who keeps a request open. Called on the request's loop. */
public interface Waiting {
    /** The moment asked for has come. */
    void due(long nowMillis);

    /** The client is gone; nothing more can be sent. Called at most once, and last. */
    void gone();

    /** There is room again after {@link Sink#isWritable} was false. */
    default void writable() {}

    /** Whom it was for may have it no longer: finish, without another message. */
    void expire();

    /** What is read, for whoever looks after the server. */
    Occupation occupation();

    /**
     * The server is going down: finish, and tell the client to come back.
     *
     * @param afterMillis when it should, spread so that not all come at once
     */
    void drain(long afterMillis);
}
