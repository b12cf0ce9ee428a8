package io.switchboard.server.config;

/**
 * How operators look at the server.
 *
 * @param host the address that figures and health checks are served on besides the main one
 * @param port none, to serve the figures on the main port; 0 for any free one
 * @param accessLog where a line for each request goes
 * @param lab whether its page may open viewers and a relay
 */
public record Observing(String host, int port, AccessLogTo accessLog, Switch lab) {
    /** No port of its own. */
    public static final int NO_PORT = -1;

    public Observing {
        Keys.ADMIN_HOST.require(host);
        Keys.ADMIN_PORT.require(port);
        Keys.ACCESS_LOG.require(accessLog);
    }

    public boolean hasPort() {
        return port != NO_PORT;
    }
}
