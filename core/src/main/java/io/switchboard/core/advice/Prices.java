package io.switchboard.core.advice;

/**
 * What things cost. Bytes are on the wire in both directions, with heads and frames and without the messages themselves;
 * times are of the server's processors, in microseconds; memory is in bytes.
 *
 * @param emptyPoll one that brings nothing
 * @param fullPoll one that brings messages
 * @param longPoll one that waited, whatever it brings
 * @param event a message in an event stream, to one reader
 * @param frame a message over a WebSocket, to one reader
 * @param post an append by POST
 * @param said an append over a WebSocket
 * @param idleEvents an event stream for an hour, heartbeats included
 * @param idleSocket a WebSocket for an hour, pings included
 * @param pollMemory a connection between two requests
 * @param eventsMemory an event stream
 * @param socketMemory a WebSocket
 */
public record Prices(
        Price emptyPoll,
        Price fullPoll,
        Price longPoll,
        Price event,
        Price frame,
        Price post,
        Price said,
        Price idleEvents,
        Price idleSocket,
        double pollMemory,
        double eventsMemory,
        double socketMemory) {
    /** Of one thing. */
    public record Price(double bytes, double micros) {
        public Price {
            if (!(bytes >= 0 && micros >= 0)) throw new IllegalArgumentException("a price is 0 or more");
        }

        /** Of so many an hour, as a cost. */
        Cost hourly(double times) {
            return new Cost(0, bytes * times, micros * times / 1e6, 0, 0);
        }
    }
}
