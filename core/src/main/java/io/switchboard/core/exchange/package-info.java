/**
 * Where appends and readers meet: each channel's committed tail, on the loop that owns it, in front of the store.
 * It must not know transports, nor which store it stands before.
 */
@NullMarked
package io.switchboard.core.exchange;

import org.jspecify.annotations.NullMarked;
