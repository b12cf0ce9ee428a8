/**
 * HTTP/2 as values (RFC 9113): heads of requests and answers, frames as bytes, and what a connection remembers of its
 * peer. It must not know connections, nor what requests are about.
 */
@NullMarked
package io.switchboard.http.http2;

import org.jspecify.annotations.NullMarked;
