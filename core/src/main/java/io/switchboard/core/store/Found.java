package io.switchboard.core.store;

import io.switchboard.core.channel.ChannelInfo;
import io.switchboard.core.channel.Tail;

/**
 * A channel as committed.
 *
 * @param info what stays
 * @param tail what moves
 * @param deadlineMillis when it expires, as far as the store knows: never earlier than it should
 */
public record Found(ChannelInfo info, Tail tail, long deadlineMillis) {}
