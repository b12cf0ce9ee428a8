package io.switchboard.core.advice;

/**
 * How the server is set up, as far as costs depend on it.
 *
 * @param longPollSeconds after which a long-poll is answered with nothing
 * @param keepAliveSeconds for which a connection between two requests stays open
 * @param alone whether this server sees all appends, and shares its channels with no other
 */
public record Terms(double longPollSeconds, double keepAliveSeconds, boolean alone) {}
