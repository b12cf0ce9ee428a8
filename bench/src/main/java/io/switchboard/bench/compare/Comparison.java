package io.switchboard.bench.compare;

import io.switchboard.bench.Bench;
import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.Halt;
import io.switchboard.bench.Machine;
import io.switchboard.bench.Progress;
import io.switchboard.bench.Transport;
import io.switchboard.bench.Trial;
import io.switchboard.bench.own.Front;
import io.switchboard.bench.own.Launch;
import io.switchboard.bench.own.OwnServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/**
 * Runs one workload over each way, one after the other, against a server that it starts for that and ends. One thread, which
 * blocks: for each way the duration asked for and a few seconds more.
 */
public final class Comparison {
    /** So that readers here can read what a browser would have had compressed. */
    private static final Map<String, String> FLAGS = Map.of("--live-compression", "none");

    /**
     * What loads code and has it compiled, so that who comes first does not pay for all: some 20,000 deliveries over each way. After
     * a second the compiler still took most of what was counted as the server's.
     */
    private static final int PREHEAT_SECONDS_MAX = 4;

    private static final int PREHEAT_VIEWERS = 50;
    private static final double PREHEAT_RATE = 100;
    private static final double PREHEAT_POLL_SECONDS = 0.2;
    private static final double PREHEAT_CLIENT_RATE = 2;

    /** What is measured beside the comparison itself takes no longer. */
    private static final int ASIDE_SECONDS = 5;

    private static final int WARMUP_SECONDS_MIN = 1;
    private static final Supplier<OptionalDouble> NOT_ASKED = OptionalDouble::empty;

    private final Workload workload;
    private final String version;
    private final Progress progress;
    private final Halt halt;
    private final boolean cache;
    private final int steps;
    private int step;

    private Comparison(Workload workload, String version, Progress progress, Halt halt) {
        this.workload = workload;
        this.version = version;
        this.progress = progress;
        this.halt = halt;
        this.cache = workload.front() == Front.DIRECT && OwnServer.hasNginx();
        int shared =
                cache ? (int) workload.ways().stream().filter(Way::isShared).count() : 0;
        this.steps = workload.ways().size() + 2 + shared;
    }

    /**
     * @param version of this program, to be shown
     * @throws BenchFailure if the workload is out of bounds, the server cannot be started, or nothing could be measured
     */
    public static Compared run(Workload workload, String version, Progress progress, Halt halt) throws BenchFailure {
        workload.check();
        Bench.checkFiles(2 * workload.viewers() + 1);
        try {
            return new Comparison(workload, version, progress, halt).run();
        } catch (BenchFailure failure) {
            // Ctrl-C ends the server too, and what then fails is no news.
            throw halt.isWished() ? BenchFailure.stopped() : failure;
        }
    }

    private Compared run() throws BenchFailure {
        List<Row> rows = new ArrayList<>();
        OptionalDouble idle;
        try (OwnServer own = start(workload.front())) {
            preheat(own);
            idle = aside(
                            own,
                            "nobody",
                            new Trial.Load(Transport.WEBSOCKET, 1, 0, workload.rate(), workload.size(), 0, false))
                    .processors();
            for (Way way : workload.ways()) {
                Trial.Outcome outcome = trial(
                        own,
                        way.label(),
                        workload.durationSeconds(),
                        load(way, workload.viewers(), true),
                        () -> heap(own));
                rows.add(new Row(
                        way, outcome, idle, workload.front() == Front.DIRECT ? Optional.empty() : shared(outcome)));
            }
        }
        return new Compared(workload, version, Machine.description(), idle, cache ? cached(rows) : rows);
    }

    private OwnServer start(Front front) throws BenchFailure {
        progress.line("starting a server" + (front == Front.DIRECT ? "" : " behind " + front));
        return OwnServer.start(new Launch(workload.http(), workload.tls(), front, 3 * workload.viewers() + 100, FLAGS));
    }

    private Trial.Load load(Way way, int viewers, boolean returns) {
        return new Trial.Load(
                way.transport(),
                way.interval(),
                viewers,
                workload.rate(),
                workload.size(),
                workload.clientRate(),
                returns);
    }

    private void preheat(OwnServer own) throws BenchFailure {
        step++;
        for (Way way : Way.all(List.of(PREHEAT_POLL_SECONDS))) {
            Trial.Load load = new Trial.Load(
                    way.transport(),
                    way.interval(),
                    Math.min(PREHEAT_VIEWERS, workload.viewers()),
                    PREHEAT_RATE,
                    workload.size(),
                    workload.clientRate() > 0 ? PREHEAT_CLIENT_RATE : 0,
                    true);
            Trial.run(
                    own.load(Math.min(PREHEAT_SECONDS_MAX, workload.durationSeconds()), 0, version),
                    load,
                    NOT_ASKED,
                    told("warming up " + way.label()),
                    halt);
        }
    }

    private Trial.Outcome aside(OwnServer own, String what, Trial.Load load) throws BenchFailure {
        return trial(own, what, Math.min(workload.durationSeconds(), ASIDE_SECONDS), load, NOT_ASKED);
    }

    private Trial.Outcome trial(OwnServer own, String what, int seconds, Trial.Load load, Supplier<OptionalDouble> heap)
            throws BenchFailure {
        step++;
        // A poller brings what was due up to an interval ago: as much before what is measured as at its end.
        int warmup = load.transport() == Transport.POLL
                ? Math.max(WARMUP_SECONDS_MIN, (int) Math.ceil(load.pollEverySeconds()))
                : WARMUP_SECONDS_MIN;
        return Trial.run(own.load(seconds, warmup, version), load, heap, told(what), halt);
    }

    private Progress told(String what) {
        return line -> progress.line(step + "/" + steps + " " + what + ": " + line);
    }

    private static OptionalDouble heap(OwnServer own) {
        if (!own.collect()) return OptionalDouble.empty();
        try {
            return own.figures().heapBytes();
        } catch (BenchFailure silent) {
            return OptionalDouble.empty();
        }
    }

    /** The same ways again, where viewers can share answers, with a cache in front. */
    private List<Row> cached(List<Row> rows) throws BenchFailure {
        List<Row> all = new ArrayList<>();
        try (OwnServer own = start(Front.NGINX_CACHE)) {
            for (Row row : rows) {
                Optional<Row.Shared> shared = row.way().isShared()
                        ? shared(aside(
                                own, row.way().label() + " with a cache", load(row.way(), workload.viewers(), false)))
                        : Optional.empty();
                all.add(new Row(row.way(), row.outcome(), row.idleProcessors(), shared));
            }
        }
        return all;
    }

    private static Optional<Row.Shared> shared(Trial.Outcome outcome) {
        long requests = outcome.traffic().requests();
        if (outcome.answers().isEmpty() || requests == 0) return Optional.empty();
        // One of the answers is that to the question for the figures.
        double origin = Math.max(0, outcome.answers().getAsDouble() - 1) / requests;
        return Optional.of(
                new Row.Shared(origin, outcome.delays().p50(), outcome.delays().p99()));
    }
}
