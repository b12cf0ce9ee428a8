package io.switchboard.client;

/** How a client, or a subscription, is doing, in words for people. */
public enum State {
    /** Nothing works yet. */
    CONNECTING,
    /** What is read is current. */
    LIVE,
    /** Messages are being caught up on, or the server is late with a sign of life. */
    BEHIND,
    /** There is no connection; {@link Status} says when the next one is tried, or why none is. */
    OFFLINE
}
