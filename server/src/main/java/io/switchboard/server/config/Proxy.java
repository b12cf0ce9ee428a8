package io.switchboard.server.config;

import io.switchboard.http.caller.Networks;

/**
 * Whom the server believes about where connections come from.
 *
 * @param trusted addresses of proxies
 * @param protocol whether they begin each connection with a PROXY header
 */
public record Proxy(Networks trusted, Switch protocol) {}
