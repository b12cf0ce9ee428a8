/**
 * What every reader of every transport was promised, checked from texts: offsets and payloads.
 * It must not know the simulator, nor how the messages travelled.
 */
@NullMarked
package io.switchboard.testkit.check;

import org.jspecify.annotations.NullMarked;
