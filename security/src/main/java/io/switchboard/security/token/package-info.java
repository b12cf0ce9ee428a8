/**
 * From a token (RFC 7519, signed as RFC 7515 says) to who speaks and what that somebody may do.
 * It must not know where keys come from, nor over what a token came.
 */
@NullMarked
package io.switchboard.security.token;

import org.jspecify.annotations.NullMarked;
