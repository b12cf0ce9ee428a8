/**
 * HTTP/3 and QUIC as values (RFC 9114, RFC 9000): fields of heads, tokens that prove an address, and the names of
 * connections. It must not know connections, nor what requests are about.
 */
@NullMarked
package io.switchboard.http.http3;

import org.jspecify.annotations.NullMarked;
