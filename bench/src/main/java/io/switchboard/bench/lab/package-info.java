/**
 * The lab's process: readers of one channel by the thousand, and a relay that stands between a page and its server as a bad
 * network would. It does what the lines on its standard input wish and knows no page, no token but the one it is given, and
 * no code of the server.
 */
@NullMarked
package io.switchboard.bench.lab;

import org.jspecify.annotations.NullMarked;
