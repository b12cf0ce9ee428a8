/**
 * Benchmarks: JMH for what runs in one process, and a client that reads as fast as it can for whole servers.
 * It must not be needed by anything else.
 */
@NullMarked
package io.switchboard.benchmarks;

import org.jspecify.annotations.NullMarked;
