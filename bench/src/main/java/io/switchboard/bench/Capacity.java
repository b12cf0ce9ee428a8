package io.switchboard.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * The planner: more and more connections, then a higher and higher rate to some of them, each step a fan-out of its own,
 * until something breaks; then says what. One thread, which blocks.
 */
final class Capacity {
    private static final int FIRST_CONNECTIONS = 100;
    private static final int TIMES = 3;
    private static final double LIGHT_RATE = 5;
    private static final double FIRST_RATE = 10;
    private static final double RATE_TIMES = 2;
    /** Steps between the last rate that went well and the first that did not. */
    private static final int REFINEMENTS = 2;

    private static final double KEPT = 0.95;
    private static final int FILES_BESIDE = 64;

    private final Run run;
    private final Report report;
    private final List<Map<String, Object>> steps = new ArrayList<>();
    private int number;
    private boolean hadFigures;

    Capacity(Run run, Report report) {
        this.run = run;
        this.report = report;
    }

    private record Step(double figure, int connections, Optional<Verdict> verdict) {}

    void measure(Plan.Capacity plan) throws BenchFailure {
        Findings.time(report, run);
        Step connections = raiseConnections(plan);
        int readers = Math.min(plan.subscribers(), connections.connections());
        if (readers > 0 && !run.halt.isWished()) raiseRate(plan, readers);
        report.put("steps", steps);
    }

    private Step raiseConnections(Plan.Capacity plan) throws BenchFailure {
        Step last = new Step(0, 0, Optional.empty());
        int next = Math.min(FIRST_CONNECTIONS, plan.connections());
        while (!run.halt.isWished()) {
            Step step = step(plan, next, LIGHT_RATE, Text.count(next, "connection"), next);
            if (run.halt.isWished()) break;
            if (step.verdict().isPresent()) {
                Verdict verdict = step.verdict().get();
                say(
                        "connections",
                        "brokeAtConnections",
                        step.connections(),
                        verdict,
                        Text.count(step.connections()) + " were open when it broke, " + Text.count(last.connections())
                                + " went well");
                Reckoning.tell(report, run.control.figures(), last.connections(), step.verdict());
                return last.connections() > 0 ? last : step;
            }
            last = step;
            if (next == plan.connections()) break;
            next = (int) Math.min((long) next * TIMES, plan.connections());
        }
        String asked = last.connections() == plan.connections() ? "; none more were asked for (--connections)" : "";
        report.row("connections", Text.count(last.connections()) + " went well" + asked);
        report.put("connections", last.connections());
        Reckoning.tell(report, run.control.figures(), last.connections(), Optional.empty());
        return last;
    }

    private void raiseRate(Plan.Capacity plan, int readers) throws BenchFailure {
        double good = 0;
        double rate = Math.min(FIRST_RATE, plan.rate());
        double bad = 0;
        Optional<Verdict> broke = Optional.empty();
        for (int refined = 0; !run.halt.isWished(); ) {
            Step step = step(plan, readers, rate, Text.rate(rate) + "/s to " + Text.count(readers, "reader"), rate);
            if (run.halt.isWished()) break;
            if (step.verdict().isPresent()) {
                bad = rate;
                broke = step.verdict();
            } else {
                good = rate;
            }
            if (broke.isEmpty()) {
                if (rate >= plan.rate()) break;
                rate = Math.min(plan.rate(), rate * RATE_TIMES);
            } else {
                if (good == 0 || refined++ == REFINEMENTS) break;
                rate = Math.rint(Math.sqrt(good * bad));
            }
        }
        report.put("ratePerSecond", good);
        report.put("deliveriesPerSecond", good * readers);
        String deliveries =
                " to " + Text.count(readers, "reader") + ", " + Text.rate(good * readers) + " deliveries/s,";
        if (broke.isPresent()) {
            say(
                    "rate",
                    "brokeAtRate",
                    bad,
                    broke.get(),
                    Text.rate(good) + "/s" + deliveries + " went well; " + Text.rate(bad) + "/s broke");
        } else {
            report.row("rate", Text.rate(good) + "/s" + deliveries + " went well");
        }
    }

    private void say(String label, String key, double figure, Verdict verdict, String text) {
        report.row(label, text);
        report.put(key, figure);
        report.put(label + "Broke", verdict.what());
        report.remark("What broke first when " + (label.equals("rate") ? "the rate" : "the number of connections")
                + " was raised: " + verdict.sentence());
    }

    private Step step(Plan.Capacity plan, int readers, double rate, String what, double figure) throws BenchFailure {
        if (Machine.filesLeft() < readers + FILES_BESIDE) {
            int most = (int) Math.max(0, Machine.filesLeft() - FILES_BESIDE);
            return new Step(
                    figure,
                    most,
                    Optional.of(new Verdict(
                            Trouble.CLIENT_FILES.word(),
                            "This tool may open no more than " + Text.count(most, "connection") + "; "
                                    + Trouble.CLIENT_FILES.advice() + ".")));
        }
        Plan.Fanout fanout = new Plan.Fanout(
                readers, Transport.WEBSOCKET, 1, 1, false, OptionalDouble.of(rate), OptionalInt.empty(), plan.size());
        run.progress.line("next: " + what);
        Fanout.Result result;
        try {
            result = new Fanout(run, fanout, run.control.create("capacity-" + ++number, Requests.JSON)).measure();
        } catch (BenchFailure nobody) {
            if (number == 1) throw nobody;
            if (nobody.kind() == BenchFailure.Kind.STOPPED) return new Step(figure, 0, Optional.empty());
            return new Step(figure, 0, Optional.of(new Verdict("unreachable", String.valueOf(nobody.getMessage()))));
        }
        Optional<Verdict> verdict = Verdict.of(evidence(plan, fanout, result));
        int opened = result.readers();
        tell(what, result, opened, verdict);
        if (result.lost() + result.doubled() + result.reordered() > 0) Findings.checked(report, result);
        return new Step(figure, opened, verdict);
    }

    private Verdict.Evidence evidence(Plan.Capacity plan, Plan.Fanout fanout, Fanout.Result result) {
        Measured measured = result.measured();
        boolean figures = measured.after().isPresent();
        boolean gone = hadFigures && !figures && result.fleet().lost() > 0;
        hadFigures |= figures;
        boolean here = run.target.isHere();
        double due = fanout.rate().orElse(0) * measured.seconds();
        boolean kept = measured.during().sent() >= Math.floor(due * KEPT) - 1
                && measured.during().messages() >= Math.floor((due * KEPT) - 1) * result.readers();
        return new Verdict.Evidence(
                result.fleet().failures(),
                result.fleet().losses(),
                Measured.figure(measured.after(), ServerFigures::filesUsed),
                measured.serverProcessors(),
                measured.busiest(),
                measured.tool(),
                here ? OptionalInt.of(Machine.processors()) : OptionalInt.empty(),
                here ? Machine.memoryLeft() : Optional.empty(),
                gone,
                measured.whole().refused(),
                kept,
                measured.p99Millis(),
                plan.delayMaxMillis());
    }

    private void tell(String what, Fanout.Result result, int opened, Optional<Verdict> verdict) {
        Measured measured = result.measured();
        OptionalDouble processors = measured.serverProcessors();
        report.row(
                what,
                Text.count(opened) + " open, p50 "
                        + Text.millis(measured.nanos(50)) + " p99 "
                        + Text.millis(measured.nanos(99)) + " ms"
                        + (processors.isPresent() ? ", server " + Text.percent(processors.getAsDouble()) : "")
                        + ", tool " + Text.percent(measured.busiest())
                        + (verdict.isPresent() ? ": " + verdict.get().what() : ""));
        Map<String, Object> step = new LinkedHashMap<>();
        step.put("connections", opened);
        step.put("sentPerSecond", measured.perSecond(measured.during().sent()));
        step.put("deliveriesPerSecond", measured.perSecond(measured.during().messages()));
        step.put("p50Millis", measured.nanos(50) / 1e6);
        step.put("p99Millis", measured.p99Millis());
        step.put("toolBusiestThread", measured.busiest());
        if (processors.isPresent()) step.put("serverProcessors", processors.getAsDouble());
        verdict.ifPresent(broke -> step.put("broke", broke.what()));
        steps.add(step);
    }
}
