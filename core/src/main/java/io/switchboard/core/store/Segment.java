package io.switchboard.core.store;

/**
 * Messages that a fork inherits: those of another channel's own ones that come after the segment
 * before, up to and including {@code through}.
 *
 * @param channelId the channel that holds them
 * @param through sequence of the last of them, 1 or more
 */
public record Segment(long channelId, long through) {}
