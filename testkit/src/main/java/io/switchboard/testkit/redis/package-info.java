/**
 * Real Redis servers for tests. It knows processes and sockets, and nobody who uses them.
 */
@NullMarked
package io.switchboard.testkit.redis;

import org.jspecify.annotations.NullMarked;
