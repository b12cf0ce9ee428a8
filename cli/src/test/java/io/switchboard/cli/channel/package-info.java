/**
 * Tests the parts of {@code tail} and {@code publish} by themselves, and answers that no healthy server gives. What they do
 * with a real server is tested through the commands.
 */
@NullMarked
package io.switchboard.cli.channel;

import org.jspecify.annotations.NullMarked;
