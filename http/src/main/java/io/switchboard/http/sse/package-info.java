/**
 * Server-sent events: messages and notices as the bytes of an event stream, in the plain form and in that of Durable Streams.
 * It must not know sockets' other forms, stores, or who is allowed to read.
 */
@NullMarked
package io.switchboard.http.sse;

import org.jspecify.annotations.NullMarked;
