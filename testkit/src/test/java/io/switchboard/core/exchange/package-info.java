/**
 * Looks into an exchange from the side, to see that nothing was left behind.
 * It must not know the simulator.
 */
@NullMarked
package io.switchboard.core.exchange;

import org.jspecify.annotations.NullMarked;
