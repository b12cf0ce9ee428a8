/**
 * Parts and keys spread over loops.
 * It must not know what the parts are.
 */
@NullMarked
package io.switchboard.core.time;

import org.jspecify.annotations.NullMarked;
