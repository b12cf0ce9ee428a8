/**
 * Who is on a channel: boards of members, each on the loop that owns its channel, and those who watch them.
 * It must not know transports, tokens, or what channels carry.
 */
@NullMarked
package io.switchboard.core.presence;

import org.jspecify.annotations.NullMarked;
