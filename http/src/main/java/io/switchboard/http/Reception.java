package io.switchboard.http;

import io.switchboard.http.caller.Forwarding;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Where the requests of a port go, and what they have in common.
 *
 * @param bodyBytesInFlight what all of them hold together of what has not come whole
 */
record Reception(Handler handler, AtomicLong bodyBytesInFlight, Forwarding forwarding) {}
