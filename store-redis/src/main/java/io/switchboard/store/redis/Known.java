package io.switchboard.store.redis;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.store.ChannelState;
import java.util.Map;

/**
 * A channel as Redis has it.
 *
 * @param ancestors the names of the channels that hold what it inherited, by their ids
 */
record Known(ChannelState state, Map<Long, ChannelName> ancestors) {}
