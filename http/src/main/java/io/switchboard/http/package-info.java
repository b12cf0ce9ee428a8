/**
 * The carrier: listener, connections, their limits and deadlines, and what a handler sees of a request.
 * It must not know channels; handlers in the packages below do.
 */
@NullMarked
package io.switchboard.http;

import org.jspecify.annotations.NullMarked;
