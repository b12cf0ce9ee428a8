/**
 * What a server remembers of those it let in or shut out: tickets for seconds, revocations for as long as tokens live.
 * It must not know tokens' forms, keys or transports.
 */
@NullMarked
package io.switchboard.security.session;

import org.jspecify.annotations.NullMarked;
