/**
 * The port to the durable log of all channels, the rules every local store shares, and the store that keeps nothing.
 * It must not know readers, event loops or transports.
 */
@NullMarked
package io.switchboard.core.store;

import org.jspecify.annotations.NullMarked;
