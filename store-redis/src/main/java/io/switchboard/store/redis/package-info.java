/**
 * The store that many nodes share, and how they call each other: one Redis. What appends do is decided in its scripts,
 * everything else by the rules of core; nobody outside must know that it is Redis.
 */
@NullMarked
package io.switchboard.store.redis;

import org.jspecify.annotations.NullMarked;
