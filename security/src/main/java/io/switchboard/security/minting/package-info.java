/**
 * Makes keys, and tokens signed with them: for development, tests, and issuers of one's own.
 * It must not be needed by a server, which only ever checks.
 */
@NullMarked
package io.switchboard.security.minting;

import org.jspecify.annotations.NullMarked;
