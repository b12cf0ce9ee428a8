/**
 * Where a server is, which channel is meant, and the token to show, as they are typed; and what is said when that cannot
 * be. It must know neither the server's code nor a terminal.
 */
@NullMarked
package io.switchboard.cli.place;

import org.jspecify.annotations.NullMarked;
