package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.QuicTokenHandler;
import io.switchboard.core.time.Ticker;
import io.switchboard.http.http3.AddressTokens;
import java.net.InetSocketAddress;

/**
 * Who may begin a handshake on a loop: those who have shown where they are, and so many of them in a second. Others are
 * not answered, and ask again by themselves, later each time. Belongs to its loop.
 */
final class Http3Guard implements QuicTokenHandler {
    /** Handshakes that a loop begins in a second; each takes up to a millisecond of it. */
    static final int HANDSHAKES_A_SECOND_MAX = 500;

    private final AddressTokens tokens;
    private final Ticker ticker;
    private final Traffic traffic;
    private long second;
    private int begun; // in that second

    Http3Guard(AddressTokens tokens, Ticker ticker, Traffic traffic) {
        this.tokens = tokens;
        this.ticker = ticker;
        this.traffic = traffic;
    }

    @Override
    public boolean writeToken(ByteBuf out, ByteBuf dcid, InetSocketAddress address) {
        return tokens.writeToken(out, dcid, address);
    }

    @Override
    public int validateToken(ByteBuf token, InetSocketAddress address) {
        int idAt = tokens.validateToken(token, address);
        if (idAt < 0 || mayBegin()) return idAt;
        traffic.turnedAway(Traffic.TurnedAway.TOO_FAST);
        return -1;
    }

    private boolean mayBegin() {
        long now = Math.floorDiv(ticker.nowMillis(), 1_000);
        if (now != second) begun = 0;
        second = now;
        return ++begun <= HANDSHAKES_A_SECOND_MAX;
    }

    @Override
    public int maxTokenLength() {
        return tokens.maxTokenLength();
    }
}
