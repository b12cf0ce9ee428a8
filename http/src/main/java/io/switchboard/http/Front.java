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
 * @param http3 how HTTP/3 is spoken, on the same port of UDP; null where it is not
 * @param proxyProtocol whether trusted proxies begin each connection with a PROXY header; then they have to
 */
public record Front(
        @Nullable Certificates certificates,
        Forwarding forwarding,
        boolean http2,
        @Nullable Http3 http3,
        boolean proxyProtocol) {
    /** @param announcedPort that clients are told to find it at; 0 for the one it listens on */
    public record Http3(int announcedPort) {}
}
