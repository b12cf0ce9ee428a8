package io.switchboard.http;

/**
 * What a connection may cost. Every limit has a stated answer when it is passed (docs/configuration.md).
 *
 * @param connectionsMax open at a time; one more is answered 503 and closed
 * @param connectionsPerAddressMax open at a time from one address; one more is answered 429 and closed
 * @param streamsMax open at a time on one connection of HTTP/2 or HTTP/3; one more is refused
 * @param requestLineBytesMax 414 beyond
 * @param headersMax fields of one request, trailers included; 431 beyond
 * @param headerBytesMax all header fields of a request together; 431 beyond
 * @param bodyBytesMax of one request; 413 beyond
 * @param bodyBytesInFlightMax of all requests that are being received or handled; 503 beyond
 * @param headerTimeoutMillis from the first byte of a request, or the opening of the connection, to the
 *     end of its header; 408 beyond
 * @param bodyTimeoutMillis the body of a request may bring less than 1 KB; 408 beyond
 * @param idleTimeoutMillis between requests; the connection is closed
 * @param stalledMaxMillis a peer may take no byte of what waits for it; the connection is closed
 * @param heartbeatMillis a WebSocket may be silent before it is pinged
 */
public record HttpLimits(
        int connectionsMax,
        int connectionsPerAddressMax,
        int streamsMax,
        int requestLineBytesMax,
        int headersMax,
        int headerBytesMax,
        int bodyBytesMax,
        long bodyBytesInFlightMax,
        long headerTimeoutMillis,
        long bodyTimeoutMillis,
        long idleTimeoutMillis,
        long stalledMaxMillis,
        long heartbeatMillis) {}
