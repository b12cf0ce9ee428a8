/**
 * Readers and feeds in every state, over a source whose every word the test decides.
 * It must not know stores, exchanges or transports.
 */
@NullMarked
package io.switchboard.core.reading;

import org.jspecify.annotations.NullMarked;
