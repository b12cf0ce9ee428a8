/**
 * Tests the client of the command line by itself: what it parses, and answers no healthy server gives.
 * What it does with a real server is tested through the commands.
 */
@NullMarked
package io.switchboard.cli.client;

import org.jspecify.annotations.NullMarked;
