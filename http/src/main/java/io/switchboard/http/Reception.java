package io.switchboard.http;

import io.switchboard.http.caller.Forwarding;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Where the requests of a port go, and what they have in common.
 *
 * @param bodyBytesInFlight what all of them hold together of what has not come whole
 * @param alternative where else clients may ask (Alt-Svc, RFC 7838), for every answer; null if nowhere
 */
record Reception(
        Handler handler,
        AtomicLong bodyBytesInFlight,
        Forwarding forwarding,
        AtomicReference<@Nullable String> alternative) {}
