/**
 * Hostile text for the parser of the line, which nobody outside its room can call; see io.switchboard.fuzz.
 * It must not test more than that.
 */
@NullMarked
package io.switchboard.http.live;

import org.jspecify.annotations.NullMarked;
