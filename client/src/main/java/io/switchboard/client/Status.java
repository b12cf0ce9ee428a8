package io.switchboard.client;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a client is doing, for machines.
 *
 * @param transport which carries the reading; empty while none does
 * @param why in words, why this transport and not a better one, or why none; empty if there is nothing to explain
 * @param attempt attempts that failed since the last stable connection
 * @param retryInMillis until the next attempt, when this was told; empty if none is waited for
 * @param since when this became so
 */
public record Status(
        State state,
        Optional<Transport> transport,
        String why,
        int attempt,
        OptionalLong retryInMillis,
        Instant since) {}
