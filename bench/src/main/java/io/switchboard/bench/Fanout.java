package io.switchboard.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Publishes to readers of one channel, and checks what each of them gets. One thread, which blocks. */
final class Fanout {
    private final Run run;
    private final Plan.Fanout plan;
    private final String channel;

    /** @param channel that is there, and read by nobody else */
    Fanout(Run run, Plan.Fanout plan, String channel) {
        this.run = run;
        this.plan = plan;
        this.channel = channel;
    }

    /**
     * What came of it.
     *
     * @param lost what readers that stayed did not get and never will
     * @param late what they had not got when the wait for it was over
     * @param unsent publications that were due and were never sent
     */
    record Result(
            Measured measured,
            Fleet fleet,
            int readers,
            long lost,
            long late,
            long doubled,
            long reordered,
            long unsent) {
        /** Publications that were neither taken nor refused. */
        long unanswered() {
            Totals whole = measured.whole();
            return whole.sent() - whole.answered() - whole.refused();
        }
    }

    /** @throws BenchFailure if not one reader and one publisher can be connected */
    Result measure() throws BenchFailure {
        try (Engine engine = run.engine(plan.connections(), plan.size())) {
            Fleet fleet = run.fleet(engine);
            try {
                return measure(engine, fleet);
            } finally {
                fleet.close();
            }
        }
    }

    private Result measure(Engine engine, Fleet fleet) throws BenchFailure {
        Window window = plan.window().isPresent()
                ? new Window(engine.lane(0), plan.window().getAsInt())
                : null;
        Readers readers = new Readers(
                engine, fleet, plan.transport(), plan.pollEverySeconds(), channel, plan.publishers(), window);
        run.progress.line("connecting " + Text.count(plan.subscribers(), "reader"));
        Works works = new Works(engine, window == null ? plan.rate() : OptionalDouble.empty());
        List<Sender> senders = new ArrayList<>();
        // Publishers come first: where readers find the server full, there is still somebody to publish.
        fleet.open(plan.publishers(), publishers(engine, fleet, works, window, senders));
        run.needs(fleet, 1);
        int publishing = fleet.open();
        fleet.open(plan.subscribers(), readers::make);
        run.needs(fleet, publishing + 1);
        int reading = fleet.open() - publishing;
        Measured measured = run.measure(
                engine,
                fleet,
                start -> {
                    if (window == null) works.begin(start, senders);
                    else engine.lane(0).eventLoop.execute(window::begin);
                },
                () -> isSettled(engine, fleet),
                plan.transport() == Transport.POLL ? (long) (plan.pollEverySeconds() * 1e9) : 0,
                window);
        return result(engine, fleet, measured, reading, senders);
    }

    private Function<Lane, Client> publishers(
            Engine engine, Fleet fleet, Works works, @Nullable Window window, List<Sender> senders) {
        Target target = run.target;
        byte[] handshake = target.handshake("/live", Readers.LINE);
        byte[] line = LineSender.head(channel, plan.size());
        byte[] post = Requests.postHead(target, Requests.stream(channel), Requests.JSON, plan.size());
        return given -> {
            Lane lane = window == null ? given : engine.lane(0);
            Work work = window == null ? works.of(lane) : window;
            int publisher = senders.size();
            if (plan.byPost()) {
                PostSender sender = new PostSender(lane, fleet, target, work, post, publisher, engine.epoch, false);
                senders.add(sender);
                return sender;
            }
            LineSender sender = new LineSender(lane, fleet, handshake, work, line, publisher, engine.epoch);
            senders.add(sender);
            return sender;
        };
    }

    private static boolean isSettled(Engine engine, Fleet fleet) {
        Totals totals = engine.counted();
        if (totals.sent() != totals.answered() + totals.refused()) return false;
        Checks checks = Checks.of(engine, fleet.clients());
        return checks.distinct() >= totals.answered() * checks.readers();
    }

    private static Result result(Engine engine, Fleet fleet, Measured measured, int reading, List<Sender> senders) {
        Checks checks = Checks.of(engine, fleet.clients());
        long unsent = Checks.unsent(engine, senders);
        // Who left early cannot be asked what he would have got; that he left is told of otherwise.
        long missing = Math.max(0, measured.whole().answered() * checks.readers() - checks.distinct());
        long lost = measured.settled() ? missing : 0;
        return new Result(measured, fleet, reading, lost, missing - lost, checks.doubled(), checks.reordered(), unsent);
    }
}
