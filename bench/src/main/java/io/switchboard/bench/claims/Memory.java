package io.switchboard.bench.claims;

import io.switchboard.bench.Bench;
import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.ServerFigures;
import io.switchboard.bench.Text;
import io.switchboard.bench.Transport;
import io.switchboard.bench.Trial;
import io.switchboard.bench.own.OwnServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** What an idle connection takes of memory. */
final class Memory {
    private static final int CONNECTIONS = 10_000;
    private static final int TLS_CONNECTIONS = 2_000;
    private static final int FIRST = 500;
    private static final double SAID = 40 * 1024;
    /** Both ends of each connection are on this machine. */
    private static final int ENDS = 2;

    private static final double HALF = 0.5;
    private static final double TWICE = 2;
    /** Nothing is published while it is looked at. */
    private static final double SELDOM = 0.01;

    private static final Path MEMORY = Path.of("/proc/meminfo");

    static final Claim CLAIM = new Claim(
            "memory",
            "A WebSocket connection takes 40 KB on the server, so 10,000 of them take 400 MB.",
            "The figure by which servers are sized, and by which polling is said to be cheaper.",
            "True if what a connection adds to the server's resident memory, with its share of the kernel's, is half of 40 KB to twice that, without"
                    + " TLS; true within limits if it is so only over TLS; else false.",
            "A server with warm code holds " + Text.count(CONNECTIONS) + " idle WebSockets without TLS, then another "
                    + Text.count(TLS_CONNECTIONS)
                    + " with it; over HTTP/3, which has nothing without TLS, as many as without. Its resident memory and its heap are read before and after, each time after a collection of garbage; what is more, is"
                    + " shared out. The kernel's is by how much its slabs grew, of which half is the server's: both ends are on this machine.",
            "Connections with traffic, whose buffers fill; other servers, and what an application keeps for each of its users, which is mostly what"
                    + " such figures are made of.",
            25,
            false,
            Memory::measure);

    private Memory() {}

    /** What was in use at one moment, in bytes; of the kernel's slabs the server's half. */
    record Use(double resident, double heap, double slabs) {
        Use minus(Use other) {
            return new Use(resident - other.resident, heap - other.heap, slabs - other.slabs);
        }

        /** Of one of so many. */
        Use each(int of) {
            return new Use(resident / of, heap / of, slabs / of);
        }
    }

    /** @param each what one connection added, in bytes */
    record Held(int connections, Use each, double residentBytes) {}

    private static Finding measure(Stage stage) throws BenchFailure {
        int many = stage.pick(CONNECTIONS, 1_000);
        Bench.checkFiles(many + 1);
        if (!stage.isPlain()) return judge(held(stage, true, many, stage.pick(FIRST, 100)));
        Held plain = held(stage, false, many, stage.pick(FIRST, 100));
        Held tls = held(stage, true, stage.pick(TLS_CONNECTIONS, 200), stage.pick(FIRST, 100));
        return judge(plain, tls);
    }

    private static Held held(Stage stage, boolean tls, int connections, int first) throws BenchFailure {
        try (OwnServer own = stage.uncompressed(tls, connections)) {
            String what = tls ? "with TLS" : "without TLS";
            stage.warmUp(own, Stage.load(Transport.WEBSOCKET, 1, first, 10, 48));
            List<Use> uses = new ArrayList<>();
            Trial.Outcome outcome = stage.trial(
                    own,
                    what,
                    Stage.load(Transport.WEBSOCKET, 1, connections, SELDOM, 48),
                    1,
                    0,
                    () -> look(own, uses));
            if (outcome.viewers() < connections || uses.size() < 2) {
                throw BenchFailure.failed("Only " + Text.count(outcome.viewers()) + " of " + Text.count(connections)
                        + " connections could be held and looked at; it takes a JDK, with jcmd.");
            }
            Use before = uses.get(0);
            Use after = uses.get(1);
            return new Held(connections, after.minus(before).each(connections), after.resident());
        }
    }

    private static OptionalDouble look(OwnServer own, List<Use> uses) {
        Optional<Use> use = use(own);
        use.ifPresent(uses::add);
        return use.isPresent() ? OptionalDouble.of(use.get().heap()) : OptionalDouble.empty();
    }

    /** What a server uses after a collection of garbage; empty where that cannot be had, which takes a JDK. */
    static Optional<Use> use(OwnServer own) {
        if (!own.collect()) return Optional.empty();
        try {
            ServerFigures figures = own.figures();
            return Optional.of(new Use(
                    figures.residentBytes().orElse(Double.NaN),
                    figures.heapBytes().orElse(Double.NaN),
                    // A server of HTTP/3 has one socket for all.
                    own.launch().http() == 3 ? 0 : slabs() / ENDS));
        } catch (BenchFailure silent) {
            return Optional.empty();
        }
    }

    /** What the kernel keeps of small things, sockets among them; 0 where it does not tell. */
    private static double slabs() {
        try {
            return Files.readAllLines(MEMORY).stream()
                    .filter(line -> line.startsWith("Slab:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException notTold) {
            return 0;
        }
    }

    static Finding judge(Held plain, Held tls) {
        if (Double.isNaN(plain.each().resident())) {
            return Finding.notTold("This system does not tell how much memory a process has.");
        }
        boolean here = isSaid(plain);
        boolean overTls = isSaid(tls);
        Verdict verdict = here ? Verdict.TRUE : overTls ? Verdict.WITHIN_LIMITS : Verdict.FALSE_HERE;
        List<Measure> measures = new ArrayList<>();
        add(measures, "without TLS", plain);
        add(measures, "with TLS", tls);
        return new Finding(
                verdict,
                Unit.MEMORY.text(all(plain)) + " a connection without TLS, " + Unit.MEMORY.text(all(tls))
                        + " with it; the whole server with " + Text.count(plain.connections()) + " takes "
                        + Unit.MEMORY.text(plain.residentBytes()) + ".",
                measures);
    }

    /** Over HTTP/3, where there is nothing without TLS. */
    static Finding judge(Held quic) {
        if (Double.isNaN(quic.each().resident())) {
            return Finding.notTold("This system does not tell how much memory a process has.");
        }
        List<Measure> measures = new ArrayList<>();
        add(measures, "over QUIC", quic);
        return new Finding(
                isSaid(quic) ? Verdict.TRUE : Verdict.FALSE_HERE,
                Unit.MEMORY.text(all(quic))
                        + " a connection of QUIC with its TLS and a WebSocket on it; the whole server with "
                        + Text.count(quic.connections()) + " takes " + Unit.MEMORY.text(quic.residentBytes()) + ".",
                measures);
    }

    private static double all(Held held) {
        return held.each().resident() + held.each().slabs();
    }

    private static boolean isSaid(Held held) {
        return all(held) >= HALF * SAID && all(held) <= TWICE * SAID;
    }

    private static void add(List<Measure> measures, String how, Held held) {
        measures.add(new Measure("connections held, " + how, held.connections(), Unit.COUNT));
        measures.add(
                new Measure("resident memory of the server, each", held.each().resident(), Unit.MEMORY));
        measures.add(new Measure("of it heap, each", held.each().heap(), Unit.MEMORY));
        measures.add(new Measure("kernel, each", held.each().slabs(), Unit.MEMORY));
        measures.add(new Measure("resident memory in all", held.residentBytes(), Unit.MEMORY));
    }
}
