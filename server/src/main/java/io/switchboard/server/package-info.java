/**
 * Puts the rooms together into one running server, and takes it apart again.
 * It must not know how it was started: command line, signals and exit codes are the business of its caller.
 */
@NullMarked
package io.switchboard.server;

import org.jspecify.annotations.NullMarked;
