/**
 * The load tool: finds out what a server and its machine can do, over the public protocol and real sockets.
 * It knows spec/protocol.md and no code of the server; it prints nothing and ends no process, which its caller does.
 */
@NullMarked
package io.switchboard.bench;

import org.jspecify.annotations.NullMarked;
