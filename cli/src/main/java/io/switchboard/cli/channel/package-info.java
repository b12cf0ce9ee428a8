/**
 * What {@code tail} and {@code publish} do beside what the client of applications does for them: where to begin, lines of
 * an input, sentences for what was refused. It must know neither the server's code nor a terminal.
 */
@NullMarked
package io.switchboard.cli.channel;

import org.jspecify.annotations.NullMarked;
