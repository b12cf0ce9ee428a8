/**
 * Durable Streams over HTTP at the URL of a channel: one handler for each thing that can be asked of it.
 * It must not know Netty's pipeline; what it needs of the carrier is in {@link io.switchboard.http}.
 */
@NullMarked
package io.switchboard.http.stream;

import org.jspecify.annotations.NullMarked;
