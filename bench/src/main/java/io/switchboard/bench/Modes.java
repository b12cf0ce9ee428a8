package io.switchboard.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;

/** What is measured in each mode, but for the planner, and what is said about it. One thread, which blocks. */
final class Modes {
    private final Run run;
    private final Report report;

    Modes(Run run, Report report) {
        this.run = run;
        this.report = report;
    }

    void fanout(Plan.Fanout plan) throws BenchFailure {
        Fanout.Result result = new Fanout(run, plan, run.control.create("fanout", Requests.JSON)).measure();
        Measured measured = result.measured();
        report.put("transport", plan.transport());
        report.put("subscribers", result.readers());
        report.put("publishers", plan.publishers());
        report.put("publishedBy", plan.byPost() ? "post" : "websocket");
        report.put("size", plan.size());
        plan.window().ifPresent(window -> report.put("window", window));
        Findings.time(report, run, measured);
        Findings.count(report, measured, "published", measured.during().sent());
        Findings.count(report, measured, "delivered", measured.during().messages());
        Findings.wire(report, measured);
        Findings.delays(report, measured, "delay");
        Findings.checked(report, result);
        end(result.fleet(), measured, plan.connections());
        Findings.pace(report, measured, plan.rate(), plan.rate().isPresent() ? result.unsent() : 0);
        Findings.refused(report, measured.whole().refused());
        Findings.unanswered(report, measured, result.unanswered());
        if (measured.whole().stalls() > 0) {
            report.fault("The window was stuck " + Text.count(measured.whole().stalls(), "time")
                    + ": for seconds nothing came of what was published.");
        }
    }

    void echo(Plan.Echo plan) throws BenchFailure {
        try (Engine engine = run.engine(plan.connections(), plan.size())) {
            Fleet fleet = run.fleet(engine);
            Works works = new Works(engine, plan.rate());
            List<EchoSender> senders = new ArrayList<>();
            byte[] handshake = run.target.handshake(Requests.stream(run.control.name("echo")) + "?echo", "");
            Measured measured = load(
                    engine,
                    fleet,
                    plan.connections(),
                    works,
                    senders,
                    lane -> new EchoSender(lane, fleet, handshake, works.of(lane), plan.depth(), engine.epoch));
            Checks checks = Checks.of(engine, senders);
            long missing = Checks.sum(engine, senders, sender -> sender.isReady() ? sender.missing() : 0);
            report.put("depth", plan.depth());
            report.put("size", plan.size());
            Findings.time(report, run, measured);
            Findings.count(report, measured, "roundTrips", measured.during().answered());
            Findings.wire(report, measured);
            Findings.delays(report, measured, "delay");
            long lost = measured.settled() ? missing : 0;
            Findings.checked(report, lost, missing - lost, checks.doubled(), checks.reordered());
            end(fleet, measured, plan.connections());
            Findings.pace(report, measured, plan.rate(), Checks.unsent(engine, senders));
            fleet.close();
        }
    }

    void append(Plan.Append plan) throws BenchFailure {
        String type = plan.binary() ? Requests.BINARY : Requests.JSON;
        List<byte[]> heads = new ArrayList<>();
        for (int i = 0; i < plan.channels(); i++) {
            String channel = run.control.create("append-" + i, type);
            heads.add(Requests.postHead(run.target, Requests.stream(channel), type, plan.size()));
        }
        try (Engine engine = run.engine(plan.connections(), plan.size())) {
            Fleet fleet = run.fleet(engine);
            Works works = new Works(engine, plan.rate());
            List<PostSender> senders = new ArrayList<>();
            Measured measured = load(
                    engine,
                    fleet,
                    plan.connections(),
                    works,
                    senders,
                    lane -> new PostSender(
                            lane,
                            fleet,
                            run.target,
                            works.of(lane),
                            heads.get(senders.size() % heads.size()),
                            0,
                            engine.epoch,
                            true));
            report.put("channels", plan.channels());
            report.put("size", plan.size());
            report.put("type", type);
            requests(engine, fleet, measured, plan.connections(), plan.rate(), senders, "appended");
            fleet.close();
        }
    }

    void read(Plan.Read plan) throws BenchFailure {
        String channel = run.control.create("read", Requests.JSON);
        long bytes = plan.catchUp() ? plan.fillMegabytes() * 1024L * 1024 : plan.size();
        run.progress.line("writing " + Text.bytes((double) bytes) + " to read");
        long messages = run.control.fill(channel, plan.size(), bytes, run.halt);
        String tail = run.control.tail(channel);
        try (Engine engine = run.engine(plan.connections(), plan.size())) {
            Fleet fleet = run.fleet(engine);
            Works works = new Works(engine, plan.rate());
            List<GetSender> senders = new ArrayList<>();
            Measured measured = load(
                    engine,
                    fleet,
                    plan.connections(),
                    works,
                    senders,
                    lane -> new GetSender(
                            lane,
                            fleet,
                            run.target,
                            works.of(lane),
                            Requests.stream(channel),
                            tail,
                            plan.catchUp(),
                            engine.epoch,
                            messages));
            report.put("kind", plan.catchUp() ? "catch-up" : "tail");
            report.put("size", plan.size());
            requests(engine, fleet, measured, plan.connections(), plan.rate(), senders, "answers");
            if (plan.catchUp()) caughtUp(engine, measured, senders);
            fleet.close();
        }
    }

    private void caughtUp(Engine engine, Measured measured, List<GetSender> senders) {
        Findings.count(report, measured, "messages", measured.during().messages());
        long wrong = Checks.sum(engine, senders, GetSender::wrong);
        report.put("wrong", wrong);
        if (wrong > 0) {
            report.fault(Text.count(wrong, "message") + " of the passes were missing or not in their place: that must"
                    + " not be. Please report it with the server's log.");
        }
    }

    private void requests(
            Engine engine,
            Fleet fleet,
            Measured measured,
            int connections,
            OptionalDouble rate,
            List<? extends Sender> senders,
            String what) {
        Findings.time(report, run, measured);
        Findings.count(report, measured, what, measured.during().answered());
        Findings.wire(report, measured);
        Findings.delays(report, measured, "delay");
        end(fleet, measured, connections);
        Findings.pace(report, measured, rate, Checks.unsent(engine, senders));
        Totals whole = measured.whole();
        Findings.refused(report, whole.refused());
        Findings.unanswered(report, measured, whole.sent() - whole.answered() - whole.refused());
    }

    /** Connects senders, and has them send. */
    private <S extends Client & Sender> Measured load(
            Engine engine, Fleet fleet, int connections, Works works, List<S> senders, Function<Lane, S> make)
            throws BenchFailure {
        run.progress.line("connecting " + Text.count(connections, "connection"));
        fleet.open(connections, lane -> {
            S sender = make.apply(lane);
            senders.add(sender);
            return sender;
        });
        run.needs(fleet, 1);
        return run.measure(
                engine,
                fleet,
                start -> works.begin(start, senders),
                () -> {
                    Totals counted = engine.counted();
                    return counted.sent() == counted.answered() + counted.refused();
                },
                0,
                null);
    }

    private void end(Fleet fleet, Measured measured, int connections) {
        Findings.connections(report, run, fleet, connections);
        Findings.tool(report, run, measured);
        Findings.server(report, run, measured);
    }
}
