package io.switchboard.http.live;

import io.switchboard.http.access.Gate;

/**
 * How a line is opened that comes without credentials: its first message says who speaks.
 *
 * @param withinMillis from the handshake on; the line is closed then
 */
public record Greeting(Gate gate, long withinMillis) {}
