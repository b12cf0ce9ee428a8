package io.switchboard.http.stream;

/**
 * How long responses stay open, and how much a read brings.
 *
 * @param longPollTimeoutMillis a long-poll waits for news; 204 then
 * @param sseMaxAgeMillis a {@code live=sse} response lasts; it ends then, and the client comes back
 * @param heartbeatMillis a quiet event stream shows that it is alive
 * @param readBytesMax one catch-up read brings, about; at least one message
 */
public record StreamTimes(long longPollTimeoutMillis, long sseMaxAgeMillis, long heartbeatMillis, int readBytesMax) {}
