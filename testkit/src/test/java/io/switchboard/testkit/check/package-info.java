/**
 * The checker under test, told stories whose truth is known.
 * It must not know the simulator.
 */
@NullMarked
package io.switchboard.testkit.check;

import org.jspecify.annotations.NullMarked;
