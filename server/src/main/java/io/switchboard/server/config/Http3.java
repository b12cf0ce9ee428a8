package io.switchboard.server.config;

/**
 * Whether HTTP/3 is spoken, and where clients are told to find it.
 *
 * @param on whether it is
 * @param port of UDP that clients are told; 0 for the one that the server listens on
 */
public record Http3(boolean on, int port) {
    static final Http3 OFF = new Http3(false, 0);
    static final Http3 ON = new Http3(true, 0);
}
