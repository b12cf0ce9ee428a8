/**
 * Hostile bytes for what the carrier does with frames before anybody else sees them; see io.switchboard.fuzz.
 * It must not test more than that: what others can call is fuzzed there.
 */
@NullMarked
package io.switchboard.http;

import org.jspecify.annotations.NullMarked;
