package io.switchboard.server.config;

import io.switchboard.core.channel.ChannelName;

/**
 * One more path that reads a channel: {@code GET /prices} may answer as {@code GET /v1/stream/prices?last=1} does.
 *
 * @param path begins with a slash, is none of the server's own, and has no query
 * @param last how many messages {@link Form#LAST} reads
 */
public record Route(String path, ChannelName channel, Form form, int last) {
    public static final int ROUTES_MAX = 1_000;

    /** How a route reads its channel. */
    public enum Form {
        /** The newest messages. */
        LAST,
        /** Plain SSE, whatever the request accepts. */
        SSE,
        /** A catch-up read, from the offset of the query or from the beginning. */
        LOG
    }

    public Route {
        checkedPath(path);
        Keys.ROUTE_LAST.require(last);
    }

    static String checkedPath(String path) {
        if (!path.matches("(/[A-Za-z0-9._~:@=,+-]+)+|/")
                || path.length() > 1_024
                || path.matches("/(v1|live|health|metrics)(/.*)?")) {
            throw new IllegalArgumentException("not a path that a route can have: " + path);
        }
        return path;
    }
}
