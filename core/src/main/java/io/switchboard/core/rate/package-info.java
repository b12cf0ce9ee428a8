/**
 * How often somebody may do something. It knows neither who nor what, and reads no clock.
 */
@NullMarked
package io.switchboard.core.rate;

import org.jspecify.annotations.NullMarked;
