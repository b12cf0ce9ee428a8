/**
 * Drives the command line as a person or a supervisor does: arguments and signals in, text and exit codes out.
 * It must not know what the server answers to requests.
 */
@NullMarked
package io.switchboard.cli;

import org.jspecify.annotations.NullMarked;
