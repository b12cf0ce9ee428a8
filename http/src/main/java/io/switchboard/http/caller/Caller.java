package io.switchboard.http.caller;

import java.net.InetAddress;

/**
 * Who asks.
 *
 * @param address of the client, or of the last proxy before it that is not trusted
 * @param secure whether the client speaks TLS: with this server, or with a trusted proxy that says so
 */
public record Caller(InetAddress address, boolean secure) {}
