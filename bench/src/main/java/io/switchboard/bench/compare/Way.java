package io.switchboard.bench.compare;

import io.switchboard.bench.Transport;
import java.util.ArrayList;
import java.util.List;

/**
 * One of the ways to read that are compared.
 *
 * @param pollEverySeconds 0 where nobody polls
 */
record Way(Transport transport, double pollEverySeconds) {
    static List<Way> all(List<Double> pollEverySeconds) {
        List<Way> all = new ArrayList<>();
        for (double every : pollEverySeconds) all.add(new Way(Transport.POLL, every));
        all.add(new Way(Transport.LONG_POLL, 0));
        all.add(new Way(Transport.SSE, 0));
        all.add(new Way(Transport.WEBSOCKET, 0));
        return all;
    }

    /** As a heading. */
    String label() {
        return switch (transport) {
            case POLL -> "poll every " + Workload.text(pollEverySeconds) + " s";
            case LONG_POLL -> "long-poll";
            case SSE -> "SSE";
            case WEBSOCKET, LIVE -> "WebSocket";
        };
    }

    /** Whether many viewers may share an answer, in a cache between them and the server. */
    boolean isShared() {
        return transport == Transport.POLL || transport == Transport.LONG_POLL;
    }

    /** For an interval that is not asked for. */
    double interval() {
        return pollEverySeconds == 0 ? 1 : pollEverySeconds;
    }
}
