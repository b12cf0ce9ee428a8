/**
 * What a channel is: its name, policy, offsets, messages in blocks, and an append as it is asked for.
 * It must not know who reads a channel, how it is stored, or what carries it to a client.
 */
@NullMarked
package io.switchboard.core.channel;

import org.jspecify.annotations.NullMarked;
