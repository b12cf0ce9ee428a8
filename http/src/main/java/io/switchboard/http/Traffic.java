package io.switchboard.http;

import io.switchboard.core.access.Authenticator.Reason;
import io.switchboard.core.figures.Counter;
import io.switchboard.http.websocket.CloseCode;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What the carrier counts about itself. Any thread. */
public final class Traffic {
    /** Closed from the other end, or broken, without a code that says why (RFC 6455, section 7.1.5). */
    static final int NO_CODE = 1006;

    /** The first code that is nobody's in particular. */
    public static final int OTHER_CODE = 3000;

    private static final Set<Integer> CODES = codes();

    private static Set<Integer> codes() {
        Set<Integer> codes = new HashSet<>(Set.of(1000, 1001, 1005, NO_CODE));
        for (CloseCode code : CloseCode.values()) codes.add(code.code());
        return Set.copyOf(codes);
    }

    /** Why a connection was turned away before its request was looked at. */
    public enum TurnedAway {
        /** There are as many as the server takes. */
        SERVER_FULL,
        /** There are as many from its address as may be. */
        ADDRESS_FULL,
        /** The server goes down. */
        DRAINING,
        /** As many handshakes of HTTP/3 as may be were begun within the second. */
        TOO_FAST
    }

    /**
     * An answer, as far as it is counted.
     *
     * @param version of HTTP, such as {@code 1.1} or {@code 2}; empty if what came was no request
     */
    public record Answer(String method, int status, String version) {}

    /** Bytes handed to sockets, without the headers of responses. */
    public final Counter bytesSent = new Counter();

    // Methods and versions are those that the server knows, statuses, codes and errors those it gives: all are few.
    private final Map<Answer, Counter> answers = new ConcurrentHashMap<>();
    private final Map<Integer, Counter> closes = new ConcurrentHashMap<>();
    private final Map<String, Counter> endsOfHttp2 = new ConcurrentHashMap<>();
    private final Map<String, Counter> endsOfHttp3 = new ConcurrentHashMap<>();
    private final Map<TurnedAway, Counter> turnedAway = new EnumMap<>(TurnedAway.class);
    private final Map<Reason, Counter> refusedTokens = new EnumMap<>(Reason.class);

    private final Counter refusedTickets = new Counter();

    public Traffic() {
        for (TurnedAway why : TurnedAway.values()) turnedAway.put(why, new Counter());
        for (Reason reason : Reason.values()) refusedTokens.put(reason, new Counter());
    }

    /** @param method as asked; one that nobody knows counts as {@code other} */
    void answered(String method, int status, String version) {
        String known =
                switch (method) {
                    case "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS" -> method;
                    default -> "other";
                };
        answers.computeIfAbsent(new Answer(known, status, version), answer -> new Counter())
                .increment();
    }

    /**
     * A WebSocket ended.
     *
     * @param code as sent, or as received if the peer was first; what neither this server nor a browser says by itself
     *     counts as {@value #OTHER_CODE}
     */
    void closed(int code) {
        closes.computeIfAbsent(CODES.contains(code) ? code : OTHER_CODE, c -> new Counter())
                .increment();
    }

    /**
     * A connection of HTTP/2 was ended for what its peer did.
     *
     * @param error as RFC 9113, section 7, names it
     */
    void endedHttp2(String error) {
        endsOfHttp2.computeIfAbsent(error, e -> new Counter()).increment();
    }

    /**
     * A connection of HTTP/3 was ended for what its peer did.
     *
     * @param error as RFC 9114, section 8.1, names it; {@code transport} for one of QUIC itself
     */
    void endedHttp3(String error) {
        endsOfHttp3.computeIfAbsent(error, e -> new Counter()).increment();
    }

    void turnedAway(TurnedAway why) {
        count(turnedAway, why);
    }

    public void refusedToken(Reason reason) {
        count(refusedTokens, reason);
    }

    /** A ticket was none, or no longer. */
    public void refusedTicket() {
        refusedTickets.increment();
    }

    public Counter refusedTickets() {
        return refusedTickets;
    }

    private static <K> void count(Map<K, Counter> counters, K key) {
        Counter counter = counters.get(key);
        if (counter != null) counter.increment();
    }

    public Map<Answer, Counter> answers() {
        return Map.copyOf(answers);
    }

    /** By the code of RFC 6455, section 7.4; {@value #OTHER_CODE} stands for all that are not known here. */
    public Map<Integer, Counter> closes() {
        return Map.copyOf(closes);
    }

    /** By the error of RFC 9113, section 7. */
    public Map<String, Counter> endsOfHttp2() {
        return Map.copyOf(endsOfHttp2);
    }

    /** By the error of RFC 9114, section 8.1. */
    public Map<String, Counter> endsOfHttp3() {
        return Map.copyOf(endsOfHttp3);
    }

    public Map<TurnedAway, Counter> turnedAway() {
        return Map.copyOf(turnedAway);
    }

    public Map<Reason, Counter> refusedTokens() {
        return Map.copyOf(refusedTokens);
    }
}
