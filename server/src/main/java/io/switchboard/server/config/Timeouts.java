package io.switchboard.server.config;

import java.time.Duration;

/**
 * How long a connection may keep the server waiting.
 *
 * @param header for a request's first line and headers, in all
 * @param body for the next bytes of a request's body
 * @param idle between two requests
 */
public record Timeouts(Duration header, Duration body, Duration idle) {
    public Timeouts {
        Keys.TIMEOUTS_HEADER.require(header);
        Keys.TIMEOUTS_BODY.require(body);
        Keys.TIMEOUTS_IDLE.require(idle);
    }
}
