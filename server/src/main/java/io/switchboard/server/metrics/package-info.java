/**
 * The figures of a running server as Prometheus reads them. The only room that knows that format; it counts nothing
 * itself.
 */
@NullMarked
package io.switchboard.server.metrics;

import org.jspecify.annotations.NullMarked;
