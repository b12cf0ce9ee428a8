package io.switchboard.bench.claims;

import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.Dress;
import io.switchboard.bench.Text;
import io.switchboard.bench.own.OwnServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What it takes to open a connection, beside asking over one that is open. */
final class Handshakes {
    private static final String PATH = "/v1/stream/claims/handshakes";
    private static final double TIMES = 2;
    /** What takes less time is done more often. */
    private static final int WARM_TIMES = 3;

    static final Claim CLAIM = new Claim(
            "handshake",
            "A handshake costs more than a request, so a connection is worth keeping.",
            "Said for keep-alive, against short polling without it, and of WebSockets that come and go.",
            "True if a WebSocket's handshake on a new connection takes its client " + Text.rate(TIMES)
                    + " times as long as a GET on a kept one or more, without TLS and with it; true within limits if only with it.",
            "One after the other, with the fields of a browser: a GET on a kept connection, a GET on a new one, a WebSocket's handshake on a new one; with"
                    + " TLS with a whole handshake of it, and resumed. Time is the median, from before the connection to the end of the answer; bytes are"
                    + " those of TCP both ways; processor is all of the server's, by number.",
            "The network: on a real one a new connection costs a way there and back before anything is asked, and TLS 1.3 another. Certificates of"
                    + " authorities, whose chains are longer than the one that was made here.",
            20,
            false,
            Handshakes::measure);

    private Handshakes() {}

    /**
     * @param millis median of the client's time
     * @param bytes both ways
     * @param serverMicros of its processors; below zero where unknown
     */
    record Cost(double millis, double bytes, double serverMicros) {}

    /** @param resumed what a handshake costs whose client knows the server; none without TLS */
    record Costs(Cost kept, Cost fresh, Cost socket, Optional<Cost> resumed) {}

    private static Finding measure(Stage stage) throws BenchFailure, IOException {
        int tlsTimes = stage.pick(stage.http() == 1 ? 1_000 : 300, 30);
        return stage.isPlain()
                ? judge(costs(stage, false, stage.pick(3_000, 100)), costs(stage, true, tlsTimes))
                : judge(costs(stage, true, tlsTimes));
    }

    /** One of these, with the bytes that it took. */
    @FunctionalInterface
    private interface Act {
        long run(Talks talks) throws IOException;
    }

    private static Costs costs(Stage stage, boolean tls, int times) throws BenchFailure, IOException {
        String how = tls ? "with TLS" : "without TLS";
        try (OwnServer own = stage.server(tls, 100, Map.of());
                Talks friend = Talks.with(own)) {
            Dress dress = Dress.chromium(own.url());
            try (Talk publisher = friend.publisher();
                    Talk kept = friend.open()) {
                publisher.send("PUT", PATH, "");
                Act get = talks -> {
                    long before = kept.bytesIn() + kept.bytesOut();
                    check(kept.get(PATH + "?offset=-1", dress.fetch()));
                    return kept.bytesIn() + kept.bytesOut() - before;
                };
                Act fresh = talks -> alone(talks, dress.fetch(), false);
                Act socket = talks -> alone(talks, dress.socket(), true);
                stage.say("warming up " + how);
                for (int i = 0; i < WARM_TIMES * times; i++) get.run(friend);
                for (Act each : List.of(fresh, socket)) for (int i = 0; i < times / 2; i++) each.run(friend);
                stage.say("asking " + how);
                Cost keptCost = cost(stage, own, get, friend, WARM_TIMES * times);
                stage.say("connecting " + how);
                // Whoever knows the server resumes TLS.
                @Nullable Talks known = tls ? null : friend;
                Cost freshCost = cost(stage, own, fresh, known, times);
                Cost socketCost = cost(stage, own, socket, known, times);
                boolean resumes = tls && stage.isPlain();
                Optional<Cost> resumedCost =
                        resumes ? Optional.of(cost(stage, own, socket, friend, times)) : Optional.empty();
                return new Costs(keptCost, freshCost, socketCost, resumedCost);
            }
        }
    }

    private static long alone(Talks talks, String fields, boolean upgrade) throws IOException {
        try (Talk talk = talks.open()) {
            if (upgrade) talk.upgrade(PATH, fields);
            else check(talk.get(PATH + "?offset=-1", fields));
            return talk.bytesIn() + talk.bytesOut();
        }
    }

    private static void check(Talk.Reply reply) throws IOException {
        if (reply.status() != 200) throw new IOException("The server answers a read with " + reply.status() + ".");
    }

    /** @param known who acts; null for somebody new each time */
    private static Cost cost(Stage stage, OwnServer own, Act act, @Nullable Talks known, int times)
            throws BenchFailure, IOException {
        long[] nanos = new long[times];
        long bytes = 0;
        double before = own.figures().cpuSeconds().orElse(Double.NaN);
        for (int i = 0; i < times; i++) {
            stage.check();
            Talks talks = known == null ? Talks.with(own) : known;
            try {
                long began = System.nanoTime();
                bytes += act.run(talks);
                nanos[i] = System.nanoTime() - began;
            } finally {
                if (known == null) talks.close();
            }
        }
        double used = own.figures().cpuSeconds().orElse(Double.NaN) - before;
        Arrays.sort(nanos);
        return new Cost(nanos[times / 2] / 1e6, (double) bytes / times, Double.isNaN(used) ? -1 : used * 1e6 / times);
    }

    /** Over HTTP/3, where there is nothing without TLS. */
    static Finding judge(Costs quic) {
        double here = quic.socket().millis() / quic.kept().millis();
        List<Measure> measures = new ArrayList<>();
        add(measures, "over QUIC, ", quic);
        return new Finding(
                here >= TIMES ? Verdict.TRUE : Verdict.FALSE_HERE,
                String.format(
                        Locale.ROOT,
                        "A connection of QUIC with a WebSocket on it takes %.1f times the time of a GET on a kept connection; bytes %.1f"
                                + " times.",
                        here,
                        quic.socket().bytes() / quic.kept().bytes()),
                measures);
    }

    static Finding judge(Costs plain, Costs tls) {
        double here = plain.socket().millis() / plain.kept().millis();
        double overTls = tls.socket().millis() / tls.kept().millis();
        Verdict verdict = here >= TIMES && overTls >= TIMES
                ? Verdict.TRUE
                : overTls >= TIMES ? Verdict.WITHIN_LIMITS : Verdict.FALSE_HERE;
        List<Measure> measures = new ArrayList<>();
        add(measures, "without TLS, ", plain);
        add(measures, "with TLS, ", tls);
        return new Finding(
                verdict,
                String.format(
                        Locale.ROOT,
                        "A WebSocket's handshake takes %.1f times the time of a GET on a kept connection without TLS and %.1f times with"
                                + " it; bytes %.1f and %.1f times.",
                        here,
                        overTls,
                        plain.socket().bytes() / plain.kept().bytes(),
                        tls.socket().bytes() / tls.kept().bytes()),
                measures);
    }

    private static void add(List<Measure> measures, String how, Costs costs) {
        add(measures, how + "GET on a kept connection: ", costs.kept());
        add(measures, how + "GET on a new one: ", costs.fresh());
        add(measures, how + "WebSocket on a new one: ", costs.socket());
        costs.resumed().ifPresent(cost -> add(measures, how + "WebSocket on a resumed one: ", cost));
    }

    private static void add(List<Measure> measures, String what, Cost cost) {
        measures.add(new Measure(what + "time", cost.millis(), Unit.MILLIS));
        measures.add(Measure.bytes(what + "bytes", (double) Math.round(cost.bytes())));
        if (cost.serverMicros() >= 0) {
            measures.add(new Measure(what + "processor of the server", cost.serverMicros(), Unit.MICROS));
        }
    }
}
