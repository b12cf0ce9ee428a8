package io.switchboard.server.config;

import java.time.Duration;

/**
 * How responses that stay open behave.
 *
 * @param longPollTimeout how long a long-poll without news waits
 * @param sseMaxAge how long a response to {@code live=sse} lasts
 * @param heartbeat how often a quiet connection shows that it is alive
 * @param stalledMax how long a connection may take nothing before it is closed
 * @param compression of the messages of WebSockets
 */
public record Live(
        Duration longPollTimeout,
        Duration sseMaxAge,
        Duration heartbeat,
        Duration stalledMax,
        Compression compression) {
    public Live {
        Keys.LIVE_LONG_POLL_TIMEOUT.require(longPollTimeout);
        Keys.LIVE_SSE_MAX_AGE.require(sseMaxAge);
        Keys.LIVE_HEARTBEAT.require(heartbeat);
        Keys.LIVE_STALLED_MAX.require(stalledMax);
        Keys.LIVE_COMPRESSION.require(compression);
    }
}
