/**
 * What a client sees of an event stream.
 * It must not know the server that wrote it.
 */
@NullMarked
package io.switchboard.testkit.sse;

import org.jspecify.annotations.NullMarked;
