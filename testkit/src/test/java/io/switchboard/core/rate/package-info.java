/** Tests of how often somebody may do something, under a clock that stands still. It must not know who does what. */
@NullMarked
package io.switchboard.core.rate;

import org.jspecify.annotations.NullMarked;
