/**
 * Presence over loops that step when told to, in single cases and in random ones.
 * It must not know what watchers' news are made into.
 */
@NullMarked
package io.switchboard.core.presence;

import org.jspecify.annotations.NullMarked;
