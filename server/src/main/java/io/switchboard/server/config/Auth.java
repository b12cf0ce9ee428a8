package io.switchboard.server.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Who may come in. Without a source of keys everybody may do everything.
 *
 * @param keys a file with the keys that tokens are checked with; not together with {@code jwks}
 * @param jwks a URL with such keys
 * @param jwksRefresh how often they are fetched
 * @param issuer the {@code iss} that a token has to have; empty for any
 * @param audience what has to be among a token's {@code aud}; empty for any
 * @param clockSkew how far the issuer's clock may be ahead
 * @param tokenLifeMax how long a token may live
 * @param firstMessage how long a line may take to say who it is
 * @param open who may reach a server that asks nobody who it is
 */
public record Auth(
        Optional<Path> keys,
        Optional<URI> jwks,
        Duration jwksRefresh,
        Optional<String> issuer,
        Optional<String> audience,
        Duration clockSkew,
        Duration tokenLifeMax,
        Duration firstMessage,
        Open open) {
    /** Who may reach a server without keys. */
    public enum Open {
        /** Whoever is on this machine. */
        LOOPBACK,
        /** Whoever can reach the port. */
        NETWORK
    }

    public Auth {
        Keys.AUTH_KEYS.require(keys);
        Keys.AUTH_JWKS.require(jwks);
        Keys.AUTH_JWKS_REFRESH.require(jwksRefresh);
        Keys.AUTH_ISSUER.require(issuer);
        Keys.AUTH_AUDIENCE.require(audience);
        Keys.AUTH_CLOCK_SKEW.require(clockSkew);
        Keys.AUTH_TOKEN_LIFE_MAX.require(tokenLifeMax);
        Keys.AUTH_FIRST_MESSAGE.require(firstMessage);
        Keys.AUTH_OPEN.require(open);
        if (keys.isPresent() && jwks.isPresent()) {
            throw new IllegalArgumentException("auth.keys and auth.jwks exclude each other");
        }
    }

    /** Whether tokens are asked for. */
    public boolean isOn() {
        return keys.isPresent() || jwks.isPresent();
    }
}
