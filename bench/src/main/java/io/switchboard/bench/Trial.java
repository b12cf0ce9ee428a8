package io.switchboard.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/**
 * One load over one transport, on real sockets: a channel at a rate, viewers that read it as a browser would, and what that
 * takes of both sides. One thread, which blocks.
 */
public final class Trial {
    /** Of readers that come back one after the other, to learn what that costs. */
    private static final int RETURNS = 20;

    /** Somebody who comes back asks once, and not again while it is measured. */
    private static final double NEVER_SECONDS = 86_400;

    private static final long STILL_NANOS = 100_000_000;
    private static final int PUBLISHING = 0; // the lanes of an engine, a job each
    private static final int READING = 1;
    private static final int SPEAKING = 2;

    private final Run run;
    private final Load load;
    private final Supplier<OptionalDouble> heap;
    private final List<Edge> edges = new ArrayList<>();

    private Trial(Run run, Load load, Supplier<OptionalDouble> heap) {
        this.run = run;
        this.load = load;
        this.heap = heap;
    }

    /**
     * What is asked for.
     *
     * @param pollEverySeconds how often each viewer asks, where it polls
     * @param viewers 0 for what publishing alone takes
     * @param rate messages a second to the channel, whatever the server does
     * @param size of a message, in bytes
     * @param clientRate messages a second that each viewer sends, 0 for none
     * @param returns whether to learn what it costs to come back, too
     */
    public record Load(
            Transport transport,
            double pollEverySeconds,
            int viewers,
            double rate,
            int size,
            double clientRate,
            boolean returns) {}

    /** Delays in nanoseconds; all 0 if there was none. */
    public record Delays(long count, double p50, double p99, double max) {
        static Delays of(Histogram all) {
            if (all.getTotalCount() == 0) return new Delays(0, 0, 0, 0);
            return new Delays(
                    all.getTotalCount(),
                    (double) all.getValueAtPercentile(50),
                    (double) all.getValueAtPercentile(99),
                    (double) all.getMaxValue());
        }
    }

    /**
     * What crossed the network between viewers and whom they asked, both ways.
     *
     * @param requests and handshakes
     * @param bytesDown of TCP to the viewers: heads, frames and TLS with them; over HTTP/3 what UDP carries, all of QUIC with
     *     it; as {@code bytesUp} from them
     * @param segments of TCP or datagrams, both ways; 0 where the machine does not tell
     * @param headBytes the heads of TCP or UDP, and IP, of these
     */
    public record Traffic(long requests, long bytesDown, long bytesUp, long segments, long headBytes) {
        Traffic minus(Traffic before) {
            return new Traffic(
                    requests - before.requests,
                    bytesDown - before.bytesDown,
                    bytesUp - before.bytesUp,
                    segments - before.segments,
                    headBytes - before.headBytes);
        }

        /** Everything on the network. */
        public long bytes() {
            return bytesDown + bytesUp + headBytes;
        }
    }

    /**
     * What coming back took.
     *
     * @param count how many came back, one after the other
     * @param traffic of all of them
     * @param delays from the beginning of the connection to when the reader stood where it had left
     */
    public record Returns(int count, Traffic traffic, Delays delays) {}

    /**
     * What came of it, in the time that was measured where nothing else is said.
     *
     * @param viewers that were connected
     * @param gone viewers that were not there to the end, or never came
     * @param published messages
     * @param delivered to viewers, each counted
     * @param delays from the intended time of publishing to arrival
     * @param lost over the whole run, as are {@code late}, {@code doubled} and {@code reordered}
     * @param unsent what was due and never sent, or not taken, of the publisher; refused, of viewers
     * @param spoken how long what viewers sent took to be taken
     * @param processors that the server used; empty where unknown
     * @param answers of the server to GETs; empty where unknown
     * @param heapBytes of the server after a collection, with the viewers less without; empty where unknown
     * @param residentBytes of the server, likewise
     * @param busiest the share of its time that the busiest thread of the tool used
     */
    public record Outcome(
            double seconds,
            int viewers,
            int gone,
            long published,
            long delivered,
            Delays delays,
            long lost,
            long late,
            long doubled,
            long reordered,
            long unsent,
            Delays spoken,
            Traffic traffic,
            OptionalDouble processors,
            OptionalDouble answers,
            OptionalDouble heapBytes,
            OptionalDouble residentBytes,
            Returns returns,
            double busiest) {}

    private record Edge(Traffic traffic, long published) {}

    /**
     * Runs it; channels that it needs are removed again.
     *
     * @param settings of the server and how long to measure; viewers speak its version of HTTP, who publishes HTTP/1.1
     * @param heap bytes of the server's heap that are in use, garbage left out; empty where that cannot be told
     * @throws BenchFailure if nothing could be measured, or {@code halt} was heard before it was done
     */
    public static Outcome run(Settings settings, Load load, Supplier<OptionalDouble> heap, Progress progress, Halt halt)
            throws BenchFailure {
        settings.check();
        Target target = Target.of(settings);
        try (Control control = new Control(target, settings, System::nanoTime)) {
            Run run = new Run(settings, target, control, progress, halt, System::nanoTime);
            return new Trial(run, load, heap).measure();
        }
    }

    private boolean speaks() {
        return load.clientRate() > 0 && load.viewers() > 0;
    }

    private boolean talks() {
        return speaks() && load.transport() == Transport.WEBSOCKET;
    }

    private Outcome measure() throws BenchFailure {
        String channel = run.control.create("compare", Requests.JSON);
        String up = speaks() ? run.control.create("said", Requests.JSON) : "";
        boolean posts = speaks() && !talks();
        int connections = 1 + load.viewers() * (posts ? 2 : 1);
        try (Engine engine =
                new Engine(run.target, run.settings, posts ? 3 : 2, connections, load.size(), System::nanoTime, true)) {
            Fleet fleet = run.fleet(engine);
            try {
                return measure(engine, fleet, channel, up, posts);
            } finally {
                fleet.close();
            }
        }
    }

    private Outcome measure(Engine engine, Fleet fleet, String channel, String up, boolean posts) throws BenchFailure {
        Dress page = Dress.chromium(run.target);
        Dress dress = run.settings.http() > 1 ? page.overHttp2() : page;
        Works works = new Works(engine, OptionalDouble.of(load.rate()));
        List<Sender> publisher = new ArrayList<>();
        Histogram spoken = Lane.newDelays();
        Works speech = new Works(engine, OptionalDouble.of(Math.max(1e-9, load.clientRate() * load.viewers())));
        List<Sender> speakers = new ArrayList<>();
        fleet.open(1, given -> {
            Lane lane = engine.lane(PUBLISHING);
            LineSender sender = new LineSender(
                    lane,
                    fleet,
                    run.target.handshake("/live", Readers.LINE),
                    works.of(lane),
                    LineSender.head(channel, load.size()),
                    0,
                    engine.epoch);
            publisher.add(sender);
            return sender;
        });
        run.needs(fleet, 1);
        Held without = held();
        Readers readers = readers(engine, fleet, channel, dress, load.pollEverySeconds(), "now");
        Function<Lane, Client> viewer = talks()
                ? lane -> talker(engine, fleet, channel, up, dress, speech, spoken, speakers)
                : lane -> readers.make(engine.lane(READING));
        run.progress.line("connecting " + Text.count(load.viewers(), "viewer"));
        fleet.open(load.viewers(), viewer);
        if (load.viewers() > 0) run.needs(fleet, 2);
        int viewers = fleet.open() - 1;
        if (posts) fleet.open(load.viewers(), lane -> speaker(engine, fleet, up, dress, speech, spoken, speakers));
        Held with = held();
        List<Client> all = fleet.clients();
        edges.clear();
        Measured measured = run.measure(
                engine,
                fleet,
                start -> {
                    works.begin(firstDue(start, load.rate()), publisher);
                    if (!speakers.isEmpty())
                        speech.begin(firstDue(start, load.clientRate() * load.viewers()), speakers);
                },
                () -> isSettled(engine, all),
                load.transport() == Transport.POLL ? (long) (load.pollEverySeconds() * 1e9) : 0,
                null,
                () -> edges.add(edge(engine, all)));
        if (run.halt.isWished()) throw BenchFailure.stopped();
        Checks checks = Checks.of(engine, all);
        Totals told = totals(engine, PUBLISHING);
        long missing = Math.max(0, told.answered() * checks.readers() - checks.distinct());
        long lost = measured.settled() ? missing : 0;
        long unsent = Checks.unsent(engine, publisher) + told.sent() - told.answered();
        unsent += totals(engine, posts ? SPEAKING : READING).refused();
        int gone = load.viewers() - viewers + fleet.lost();
        Traffic traffic = edges.get(1).traffic().minus(edges.get(0).traffic());
        Delays said = Delays.of(copy(engine, posts ? SPEAKING : READING, spoken));
        Returns returns = load.returns() && load.viewers() > 0
                ? returns(engine, fleet, channel, dress)
                : new Returns(0, new Traffic(0, 0, 0, 0, 0), Delays.of(Lane.newDelays()));
        return new Outcome(
                measured.seconds(),
                viewers,
                gone,
                edges.get(1).published() - edges.get(0).published(),
                measured.during().messages(),
                Delays.of(measured.delays()),
                lost,
                missing - lost,
                checks.doubled(),
                checks.reordered(),
                unsent,
                said,
                traffic,
                measured.serverProcessors(),
                answers(measured),
                with.heap.isPresent() && without.heap.isPresent()
                        ? OptionalDouble.of(with.heap.getAsDouble() - without.heap.getAsDouble())
                        : OptionalDouble.empty(),
                with.resident.isPresent() && without.resident.isPresent()
                        ? OptionalDouble.of(with.resident.getAsDouble() - without.resident.getAsDouble())
                        : OptionalDouble.empty(),
                returns,
                measured.busiest());
    }

    private long firstDue(long start, double rate) {
        return firstDue(start, run.settings.warmupNanos(), 1e9 / rate);
    }

    /**
     * Such that what is measured begins halfway between two messages, and so ends there too: what is due in it has come by
     * then where it comes at once, and none that is due before comes in it.
     */
    static long firstDue(long start, long warmupNanos, double everyNanos) {
        return start + (long) ((warmupNanos + everyNanos / 2) % everyNanos);
    }

    private record Held(OptionalDouble heap, OptionalDouble resident) {}

    private Held held() {
        OptionalDouble used = heap.get();
        return new Held(used, Measured.figure(run.control.figures(), ServerFigures::residentBytes));
    }

    private Readers readers(Engine engine, Fleet fleet, String channel, Dress dress, double every, String begin) {
        return new Readers(engine, fleet, load.transport(), every, channel, 1, null, dress, begin);
    }

    private Talker talker(
            Engine engine,
            Fleet fleet,
            String channel,
            String up,
            Dress dress,
            Works works,
            Histogram spoken,
            List<Sender> speakers) {
        Lane lane = engine.lane(READING);
        Talker talker = new Talker(
                lane,
                fleet,
                run.target.handshake("/live", Readers.LINE + dress.socket()),
                works.of(lane),
                Readers.subscribe(channel),
                LineSender.head(up, load.size()),
                0,
                engine.epoch,
                new Intake(lane, engine.epoch, 1, null),
                spoken);
        speakers.add(talker);
        return talker;
    }

    private Speaker speaker(
            Engine engine, Fleet fleet, String up, Dress dress, Works works, Histogram spoken, List<Sender> speakers) {
        Lane lane = engine.lane(SPEAKING);
        byte[] head = Requests.postHead(run.target, Requests.stream(up), Requests.JSON, load.size(), dress.post());
        Speaker speaker = new Speaker(lane, fleet, run.target, works.of(lane), head, 0, engine.epoch, spoken);
        speakers.add(speaker);
        return speaker;
    }

    private static Histogram copy(Engine engine, int lane, Histogram of) {
        return engine.lane(lane)
                .eventLoop
                .submit(of::copy)
                .syncUninterruptibly()
                .getNow();
    }

    private static Totals totals(Engine engine, int lane) {
        Lane asked = engine.lane(lane);
        return asked.eventLoop.submit(asked::totals).syncUninterruptibly().getNow();
    }

    private static boolean isSettled(Engine engine, List<Client> all) {
        Totals told = totals(engine, PUBLISHING);
        if (told.sent() != told.answered() + told.refused()) return false;
        Checks checks = Checks.of(engine, all);
        return checks.distinct() >= told.answered() * checks.readers();
    }

    private static Edge edge(Engine engine, List<Client> all) {
        return new Edge(traffic(engine, all), totals(engine, PUBLISHING).sent());
    }

    /** Of all lanes but the publisher's. */
    private static Traffic traffic(Engine engine, List<Client> all) {
        long[] sums = new long[5];
        for (Lane lane : engine.lanes().subList(READING, engine.lanes().size())) {
            Engine.on(lane, mine -> {
                Segments segments = Segments.NONE;
                for (Client client : all) if (client.lane == mine) segments = segments.plus(client.segments());
                sums[0] += mine.requests;
                sums[1] += mine.wireIn;
                sums[2] += mine.wireOut;
                sums[3] += segments.count();
                sums[4] += segments.headBytes();
                return 0;
            });
        }
        return new Traffic(sums[0], sums[1], sums[2], sums[3], sums[4]);
    }

    private static OptionalDouble answers(Measured measured) {
        if (measured.before().isEmpty() || measured.after().isEmpty()) return OptionalDouble.empty();
        String name = "switchboard_http_answers_total";
        String label = "method=\"get\"";
        return OptionalDouble.of(measured.after().get().sum(name, label)
                - measured.before().get().sum(name, label));
    }

    /** Once all others have left: a few come back to where the channel ends. */
    private Returns returns(Engine engine, Fleet before, String channel, Dress dress) throws BenchFailure {
        before.close();
        String tail = run.control.tail(channel);
        Fleet fleet = run.fleet(engine);
        Readers readers = readers(engine, fleet, channel, dress, NEVER_SECONDS, tail);
        run.progress.line("coming back, " + RETURNS + " times");
        LockSupport.parkNanos(STILL_NANOS);
        try {
            Traffic first = traffic(engine, Collections.emptyList());
            for (int i = 0; i < RETURNS; i++) fleet.open(1, lane -> readers.make(engine.lane(READING)));
            // What follows the first answer, such as tickets of TLS, belongs to it.
            LockSupport.parkNanos(STILL_NANOS);
            Traffic last = traffic(engine, fleet.clients());
            Histogram took = Lane.newDelays();
            for (Client client : fleet.clients()) if (client.isReady()) took.recordValue(client.openedNanos());
            return new Returns(fleet.open(), last.minus(first), Delays.of(took));
        } finally {
            fleet.close();
        }
    }
}
