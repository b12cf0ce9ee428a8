package io.switchboard.http;

import io.switchboard.http.caller.Forwarding;
import io.switchboard.http.tls.Certificates;
import org.jspecify.annotations.Nullable;

/**
 * How connections reach the server.
 *
 * @param certificates null where TLS is not spoken; not closed by the listener
 * @param forwarding whose word counts about where requests come from
 * @param http2 whether HTTP/2 is spoken too, with those who ask for it
 * @param proxyProtocol whether trusted proxies begin each connection with a PROXY header; then they have to
 */
public record Front(@Nullable Certificates certificates, Forwarding forwarding, boolean http2, boolean proxyProtocol) {}
