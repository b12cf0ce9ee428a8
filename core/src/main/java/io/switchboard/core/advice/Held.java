package io.switchboard.core.advice;

/** What a reader that lasts holds open, as far as that is observed. */
public enum Held {
    /** Nobody counts it: it is of one request, or no reader of its own. */
    NOTHING,
    /** An event stream. */
    EVENTS,
    /** A WebSocket, or its part of one. */
    SOCKET,
    /** The same, of somebody who asked for a message in a while only. */
    PACED_SOCKET
}
