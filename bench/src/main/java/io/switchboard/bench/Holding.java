package io.switchboard.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/** Opens connections, holds them, and says what each costs the server. One thread, which blocks. */
final class Holding {
    /** No message comes, so their size is of no matter. */
    private static final int SIZE = 48;

    /** Below this what a connection costs cannot be told from what the server does anyway. */
    private static final int TELLING = 1_000;

    private final Run run;
    private final Report report;
    private final String one; // what is opened

    Holding(Run run, Report report) {
        this.run = run;
        this.report = report;
        this.one = isShared(run.settings) ? "stream" : "connection";
    }

    void measure(Plan.Connections plan) throws BenchFailure {
        String channel = run.control.create("connections", Requests.JSON);
        try (Engine engine = run.engine(plan.connections(), SIZE)) {
            Fleet fleet = run.fleet(engine);
            Readers readers = new Readers(engine, fleet, plan.transport(), plan.pollEverySeconds(), channel, 1, null);
            // The first ones load code and fill caches, which is no cost of theirs: the slope begins behind them.
            int first = Math.max(1, plan.connections() / 10);
            run.progress.line("connecting " + Text.count(plan.connections(), one));
            fleet.open(first, readers::make);
            run.needs(fleet, 1);
            Optional<ServerFigures> few = run.control.figures();
            int atFew = fleet.open();
            if (fleet.failed() == 0) fleet.open(plan.connections() - first, readers::make);
            double held = run.hold(run.settings.durationNanos(), fleet) / 1e9;
            Optional<ServerFigures> many = run.control.figures();
            report.put("transport", plan.transport());
            report.put("held", fleet.open());
            report.put("heldSeconds", held);
            report.row("held", Text.count(fleet.open(), one) + " for " + Text.seconds(held));
            Findings.connections(report, run, fleet, plan.connections());
            cost(few, many, fleet.open() - atFew);
            fleet.close();
        }
    }

    private static boolean isShared(Settings settings) {
        return settings.http() > 1 && settings.streams() > 1;
    }

    private void cost(Optional<ServerFigures> few, Optional<ServerFigures> many, int more) {
        if (few.isEmpty() || many.isEmpty()) {
            report.row("server", "unknown: " + run.control.whyNoFigures() + " (--metrics-url)");
            return;
        }
        if (more <= 0) return;
        Map<String, Object> json = new LinkedHashMap<>();
        each("resident", "residentBytesEach", few, many, ServerFigures::residentBytes, more, json);
        each("heap", "heapBytesEach", few, many, ServerFigures::heapBytes, more, json);
        report.put("server", json);
        report.remark("The slope is that of the last " + Text.count(more, one)
                + (one.equals("stream") ? ", with their part of a connection" : "")
                + "; the heap counts what was not collected yet, and the kernel's part is in neither.");
        if (more < TELLING) report.remark("With so few it says little: take 10,000 or more.");
    }

    private void each(
            String label,
            String key,
            Optional<ServerFigures> few,
            Optional<ServerFigures> many,
            Function<ServerFigures, OptionalDouble> which,
            int more,
            Map<String, Object> json) {
        OptionalDouble before = Measured.figure(few, which);
        OptionalDouble after = Measured.figure(many, which);
        if (before.isEmpty() || after.isEmpty()) return;
        double each = (after.getAsDouble() - before.getAsDouble()) / more;
        String told = each < 0
                ? "less than before: what a " + one + " takes is lost in what the server gave back"
                : Text.count(Math.round(each), "byte") + " a " + one;
        report.row(label, told + ", " + Text.bytes(after.getAsDouble()) + " in all");
        json.put(key, each);
        json.put(label + "Bytes", after.getAsDouble());
    }
}
