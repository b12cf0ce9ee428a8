package io.switchboard.http;

import io.switchboard.core.time.Loop;
import io.switchboard.http.caller.Caller;
import io.switchboard.http.http2.Allowance;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A connection on which each request has a stream of its own ({@link StreamWire}, {@link StreamRequest}): what its streams
 * have in common, whatever version of HTTP frames them. What a peer does that costs this side something and brings
 * nothing has an allowance, refilled at each look. Belongs to its loop.
 */
abstract class Multiplex extends Peer {
    /** Streams that the peer opens and drops at once, or brings to an error: so many at once, and again at each look. */
    private static final int WASTED_MAX = 200;

    private static final int WASTED_AGAIN = 5;
    /** A stream that the peer resets when it is older was no waste. */
    static final long WASTED_WITHIN_MILLIS = 1_000;
    /** Frames that carry nothing: so many at once, and again at each look. */
    private static final int CHATTER_MAX = 1_000;

    private static final int CHATTER_AGAIN = 25;
    /** A trusted proxy speaks for so many clients, who may all leave at once. */
    private static final int CLIENTS_OF_A_PROXY = 50;

    private final Reception reception;
    private final Caller caller;
    private final Allowance wasted;
    private final Allowance chatter;
    private final Turns turns = new Turns(this);
    private int orphans; // requests in their handlers' hands whose streams are over
    private @Nullable Departure departure; // null until the server goes down

    Multiplex(Connections connections, HttpLimits limits, Reception reception, Caller caller) {
        super(connections, limits);
        this.reception = reception;
        this.caller = caller;
        boolean isProxy = reception.forwarding().trusted().contains(caller.address());
        int clients = isProxy ? CLIENTS_OF_A_PROXY : 1;
        wasted = new Allowance(clients * WASTED_MAX, clients * WASTED_AGAIN);
        chatter = new Allowance(clients * CHATTER_MAX, clients * CHATTER_AGAIN);
    }

    final Loop loop() {
        return connections.loop();
    }

    final Reception reception() {
        return reception;
    }

    /** Who is at the other end; a request may say for whom it speaks. */
    final Caller caller() {
        return caller;
    }

    @Override
    final InetAddress client() {
        return caller.address();
    }

    // Its streams have each their own.
    @Override
    final @Nullable Occupation occupation() {
        return null;
    }

    /** Whose turn it is to be handled. */
    final Turns turns() {
        return turns;
    }

    /** Bytes that wait on all streams. */
    abstract long queued();

    // --- the server goes down

    /** @return false if that was known before */
    final boolean departs(long leaveMillis, long backMillis) {
        if (departure != null) return false;
        departure = new Departure(nowMillis() + leaveMillis, nowMillis() + backMillis);
        return true;
    }

    /** Null until the server goes down. */
    final @Nullable Departure departure() {
        return departure;
    }

    // --- what is done for nothing

    final void refill() {
        wasted.refill();
        chatter.refill();
    }

    /** The peer has had something done for nothing. */
    final void wasted() {
        if (!wasted.take()) exhausted();
    }

    /** It has said something that means nothing. */
    final void chatter() {
        if (!chatter.take()) exhausted();
    }

    /** The peer has no allowance left. */
    abstract void exhausted();

    /** A request's stream is over, and its handler is not done with it: it counts among the open ones until that is. */
    final void orphaned() {
        orphans++;
    }

    final void adopted() {
        orphans--;
    }

    final int orphans() {
        return orphans;
    }
}
