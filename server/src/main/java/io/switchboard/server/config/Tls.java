package io.switchboard.server.config;

import java.nio.file.Path;

/**
 * What the server shows of itself over TLS.
 *
 * @param certificate a PEM file: the server's certificate first
 * @param key a PEM file
 */
public record Tls(Path certificate, Path key) {}
