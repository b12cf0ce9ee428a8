/**
 * Looks at a server from outside, through whatever stands in between, and names what keeps its clients from working.
 * It speaks over bare sockets, to see what really comes back, and must know neither the server's code nor a terminal.
 */
@NullMarked
package io.switchboard.cli.doctor;

import org.jspecify.annotations.NullMarked;
