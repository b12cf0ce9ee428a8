/**
 * Who is on a channel: boards of members, each on the loop that owns its channel, and those who watch them,
 * kept in step with other nodes. It must not know transports, tokens, what channels carry, or what lies between nodes.
 */
@NullMarked
package io.switchboard.core.presence;

import org.jspecify.annotations.NullMarked;
