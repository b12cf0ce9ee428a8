/**
 * The keys that tokens are checked with: read from a file or fetched from a URL, and kept fresh.
 * It must not know what tokens say, nor make a signature.
 */
@NullMarked
package io.switchboard.security.keys;

import org.jspecify.annotations.NullMarked;
