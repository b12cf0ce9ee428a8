/**
 * A client of Switchboard for the command line: follows a channel over any transport, and publishes to one.
 * It needs the JDK's HTTP client and spec/protocol.md, and must know neither the server's code nor a terminal.
 */
@NullMarked
package io.switchboard.cli.client;

import org.jspecify.annotations.NullMarked;
