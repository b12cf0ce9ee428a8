/**
 * A server of the tool's own: started for one measurement as a process on this machine, with a folder that goes with it, and
 * ended with it. It knows how a server is started and what it prints, and no code of it.
 */
@NullMarked
package io.switchboard.bench.own;

import org.jspecify.annotations.NullMarked;
