package io.switchboard.client;

/**
 * What a server says of a channel.
 *
 * @param contentType such as {@code application/json}
 * @param offset behind its newest message: where {@code now} is
 * @param closed whether it takes no more messages
 */
public record About(String contentType, String offset, boolean closed) {}
