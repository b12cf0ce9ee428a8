/**
 * A world on one thread, with manual time and one seeded random that decides who goes next: loops, store, clients, faults.
 * It must not use real threads, sockets or clocks, so that a seed replays exactly.
 */
@NullMarked
package io.switchboard.testkit.sim;

import org.jspecify.annotations.NullMarked;
