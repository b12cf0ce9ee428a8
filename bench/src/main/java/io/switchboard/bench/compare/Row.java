package io.switchboard.bench.compare;

import io.switchboard.bench.Text;
import io.switchboard.bench.Trial;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What one way cost, reckoned from what was counted.
 *
 * @param outcome of the workload over this way
 * @param idleProcessors that the server used while the same was published to nobody; empty where unknown
 * @param shared behind a cache, where viewers can share answers and there is nginx
 */
record Row(Way way, Trial.Outcome outcome, OptionalDouble idleProcessors, Optional<Shared> shared) {
    private static final double HOUR_SECONDS = 3_600;

    /** Of processor time: systems count it in hundredths of a second, and two counts are subtracted here. */
    private static final double TOLD_SECONDS_MIN = 0.02;

    /** Of what publishing takes: so much it differs by itself. */
    private static final double TOLD_SHARE_MIN = 0.1;

    /**
     * The same viewers behind nginx with its cache.
     *
     * @param originPerRequest requests that reached the server, for one of a viewer
     * @param p50Nanos and {@code p99Nanos}: the delay there, as an answer of a cache may be a second old
     */
    record Shared(double originPerRequest, double p50Nanos, double p99Nanos) {}

    double p50Millis() {
        return outcome.delays().p50() / 1e6;
    }

    double p99Millis() {
        return outcome.delays().p99() / 1e6;
    }

    /** Lost, doubled and out of order. */
    long wrong() {
        return outcome.lost() + outcome.doubled() + outcome.reordered();
    }

    /** Of all viewers together. */
    double requestsPerSecond() {
        return outcome.traffic().requests() / outcome.seconds();
    }

    /** Heads, frames, TLS and what TCP or UDP and IP add, for one message to one viewer; empty if none came. */
    OptionalDouble bytesPerMessage() {
        return outcome.delivered() == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of((double) outcome.traffic().bytes() / outcome.delivered());
    }

    double bytesPerViewerHour() {
        return perViewer((double) outcome.traffic().bytes()) / outcome.seconds() * HOUR_SECONDS;
    }

    /** The share of TCP or UDP and IP in it, acknowledgements with them; 0 where the machine does not tell. */
    double headShare() {
        return outcome.traffic().bytes() == 0
                ? 0
                : (double) outcome.traffic().headBytes() / outcome.traffic().bytes();
    }

    /**
     * Millionths of a processor for each viewer, less what publishing takes anyway; empty where unknown, 0 where it is too
     * little to tell.
     */
    OptionalDouble microsPerViewerSecond() {
        if (outcome.processors().isEmpty() || idleProcessors.isEmpty()) return OptionalDouble.empty();
        double idle = idleProcessors.getAsDouble();
        double more = outcome.processors().getAsDouble() - idle;
        boolean told = more >= Math.max(TOLD_SECONDS_MIN / outcome.seconds(), TOLD_SHARE_MIN * idle);
        return OptionalDouble.of(told ? perViewer(more * 1e6) : 0);
    }

    /** {@link #microsPerViewerSecond} for people. */
    static String processors(double micros) {
        return micros == 0 ? "too little" : Text.rate(micros) + " µs/s";
    }

    /** Of the server's heap, after a collection; empty where unknown. */
    OptionalDouble heapPerViewer() {
        return outcome.heapBytes().isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(Math.max(0, perViewer(outcome.heapBytes().getAsDouble())));
    }

    private double perViewer(double of) {
        return of / Math.max(1, outcome.viewers());
    }

    double bytesPerReturn() {
        Trial.Returns returns = outcome.returns();
        return (double) returns.traffic().bytes() / Math.max(1, returns.count());
    }

    double requestsPerReturn() {
        Trial.Returns returns = outcome.returns();
        return (double) returns.traffic().requests() / Math.max(1, returns.count());
    }

    double returnMillis() {
        return outcome.returns().delays().p50() / 1e6;
    }

    /** For machines. Absent where unknown. */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("transport", way.transport());
        if (way.pollEverySeconds() > 0) json.put("pollEverySeconds", way.pollEverySeconds());
        json.put("label", way.label());
        json.put("viewers", outcome.viewers());
        json.put("viewersGone", outcome.gone());
        json.put("measuredSeconds", outcome.seconds());
        json.put("published", outcome.published());
        json.put("delivered", outcome.delivered());
        json.put("delayMillis", delays(outcome.delays()));
        json.put(
                "checked",
                Map.of(
                        "lost", outcome.lost(),
                        "late", outcome.late(),
                        "doubled", outcome.doubled(),
                        "reordered", outcome.reordered(),
                        "unsent", outcome.unsent()));
        json.put("requestsPerSecond", requestsPerSecond());
        bytesPerMessage().ifPresent(bytes -> json.put("bytesPerMessage", bytes));
        json.put("bytesPerViewerHour", bytesPerViewerHour());
        json.put("wire", wire(outcome.traffic()));
        outcome.processors().ifPresent(used -> json.put("serverProcessors", used));
        microsPerViewerSecond().ifPresent(micros -> json.put("processorMicrosPerViewerSecond", micros));
        heapPerViewer().ifPresent(bytes -> json.put("heapBytesPerViewer", bytes));
        outcome.residentBytes().ifPresent(bytes -> json.put("residentBytesAll", bytes));
        shared.ifPresent(cache -> json.put(
                "cache",
                Map.of(
                        "originRequestsPerRequest", cache.originPerRequest(),
                        "p50", cache.p50Nanos() / 1e6,
                        "p99", cache.p99Nanos() / 1e6)));
        Map<String, Object> reconnect = new LinkedHashMap<>();
        reconnect.put("count", outcome.returns().count());
        reconnect.put("bytes", bytesPerReturn());
        reconnect.put("requests", requestsPerReturn());
        reconnect.put("millis", delays(outcome.returns().delays()));
        json.put("reconnect", reconnect);
        if (outcome.spoken().count() > 0) json.put("sentMillis", delays(outcome.spoken()));
        json.put("toolBusiestThread", outcome.busiest());
        return json;
    }

    private static Map<String, Object> delays(Trial.Delays delays) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("count", delays.count());
        json.put("p50", delays.p50() / 1e6);
        json.put("p99", delays.p99() / 1e6);
        json.put("max", delays.max() / 1e6);
        return json;
    }

    private static Map<String, Object> wire(Trial.Traffic traffic) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("requests", traffic.requests());
        json.put("bytesDown", traffic.bytesDown());
        json.put("bytesUp", traffic.bytesUp());
        json.put("segments", traffic.segments());
        json.put("tcpIpBytes", traffic.headBytes());
        return json;
    }
}
