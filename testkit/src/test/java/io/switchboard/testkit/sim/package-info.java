/**
 * Simulations of the whole core: many readers, writers and faults, one seed each.
 * It must not know transports.
 */
@NullMarked
package io.switchboard.testkit.sim;

import org.jspecify.annotations.NullMarked;
