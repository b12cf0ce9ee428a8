/**
 * The one way to read: a {@link Reader} that walks a channel's log and hands what it finds to an {@link Outlet}.
 * It must not know sockets, encodings of a transport, or which store holds the log.
 */
@NullMarked
package io.switchboard.core.reading;

import org.jspecify.annotations.NullMarked;
