/**
 * The command line: what a person types, sees, and reads from an exit code.
 * It must not know how the server works, only how to configure, start and stop it.
 */
@NullMarked
package io.switchboard.cli;

import org.jspecify.annotations.NullMarked;
