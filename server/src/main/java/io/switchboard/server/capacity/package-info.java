/**
 * How many connections a server can hold, by each limit that would end it, and the warning before it does. Knows the
 * process and its machine, and neither who is connected nor what for.
 */
@NullMarked
package io.switchboard.server.capacity;

import org.jspecify.annotations.NullMarked;
