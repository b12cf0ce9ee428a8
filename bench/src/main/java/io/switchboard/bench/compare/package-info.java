/**
 * Compares the ways to read a channel: runs one workload over each of them against a server of its own, and lays the figures
 * side by side. It knows how to measure and how to tell, and prints nothing.
 */
@NullMarked
package io.switchboard.bench.compare;

import org.jspecify.annotations.NullMarked;
