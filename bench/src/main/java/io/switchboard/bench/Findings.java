package io.switchboard.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.StringJoiner;
import org.HdrHistogram.Histogram;

/** What all modes say about a run, in the same words. */
final class Findings {
    /** Above this share of a thread the figures are the tool's, not the server's. */
    static final double BUSY = 0.9;

    private static final List<Double> PERCENTILES = List.of(50.0, 90.0, 99.0, 99.9);

    private Findings() {}

    static void heading(Report report, Run run) {
        String java = System.getProperty("java.version");
        report.row("target", run.target.uri().toString());
        report.row("version", run.settings.version() + ", Java " + java);
        report.row("machine", Machine.description());
        report.put("target", run.target.uri());
        report.put("version", run.settings.version());
        report.put("java", String.valueOf(java));
        report.put("machine", Machine.description());
    }

    static void time(Report report, Run run, Measured measured) {
        report.row(
                "measured",
                Text.seconds(measured.seconds()) + " after " + run.settings.warmupSeconds() + " s of warm-up");
        report.put("measuredSeconds", measured.seconds());
        report.put("warmupSeconds", run.settings.warmupSeconds());
    }

    /** How long each step of several takes. */
    static void time(Report report, Run run) {
        report.row(
                "each step",
                run.settings.durationSeconds() + " s after " + run.settings.warmupSeconds() + " s of warm-up");
        report.put("stepSeconds", run.settings.durationSeconds());
    }

    /** How often something happened while it was measured. */
    static void count(Report report, Measured measured, String what, long count) {
        double perSecond = measured.perSecond(count);
        report.row(what, Text.count(count) + " (" + Text.rate(perSecond) + "/s)");
        report.put(what, Map.of("count", count, "perSecond", perSecond));
    }

    static void wire(Report report, Measured measured) {
        double in = measured.perSecond(measured.during().bytesIn());
        double out = measured.perSecond(measured.during().bytesOut());
        report.row("wire", Text.bytes(in) + "/s received, " + Text.bytes(out) + "/s sent");
        report.put("wire", Map.of("bytesInPerSecond", in, "bytesOutPerSecond", out));
    }

    static void delays(Report report, Measured measured, String what) {
        Histogram delays = measured.delays();
        if (delays.getTotalCount() == 0) {
            report.row(what, "nothing came");
            return;
        }
        StringJoiner text = new StringJoiner("  ");
        Map<String, Object> json = new LinkedHashMap<>();
        for (double percentile : PERCENTILES) {
            String name = "p" + (percentile == 99.9 ? "99.9" : String.valueOf((int) percentile));
            double nanos = measured.nanos(percentile);
            text.add(name + " " + Text.millis(nanos));
            json.put(name, nanos / 1e6);
        }
        text.add("max " + Text.millis((double) delays.getMaxValue()) + " ms");
        json.put("max", delays.getMaxValue() / 1e6);
        json.put("count", delays.getTotalCount());
        report.row(what, text.toString());
        report.put("delayMillis", json);
    }

    static void checked(Report report, Fanout.Result result) {
        checked(report, result.lost(), result.late(), result.doubled(), result.reordered());
    }

    static void checked(Report report, long lost, long late, long doubled, long reordered) {
        String notInTime = late > 0 ? "; " + Text.count(late) + " not delivered in time" : "";
        report.row(
                "checked",
                Text.count(lost) + " lost, " + Text.count(doubled) + " doubled, " + Text.count(reordered) + " reordered"
                        + notInTime);
        report.put("checked", Map.of("lost", lost, "late", late, "doubled", doubled, "reordered", reordered));
        if (late > 0) {
            report.remark(
                    "What was not delivered in time may have been on its way when the wait for it was over: with a"
                            + " lower rate, or a longer --timeout, more would be known.");
        }
        if (lost + doubled + reordered > 0) {
            report.fault("Messages were lost, doubled or out of order: that must not be. Please report it with the"
                    + " server's log.");
        }
    }

    static void connections(Report report, Run run, Fleet fleet, int asked) {
        int opened = fleet.opened();
        StringBuilder text =
                new StringBuilder(Text.count(opened) + " opened in " + Text.seconds(fleet.openedSeconds()));
        text.append(", ").append(Text.count(fleet.failed())).append(" failed, ").append(Text.count(fleet.lost()));
        text.append(" ended by the server");
        report.row("connections", text.toString());
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("asked", asked);
        json.put("opened", opened);
        json.put("openedSeconds", fleet.openedSeconds());
        json.put("failed", words(fleet.failures()));
        json.put("lost", words(fleet.losses()));
        report.put("connections", json);
        fleet.failures()
                .forEach((trouble, count) -> report.fault(Text.count(count, "connection") + " could not be opened: "
                        + trouble.sentence() + "; " + trouble.advice() + "."));
        fleet.losses()
                .forEach((trouble, count) -> report.fault(Text.count(count, "connection") + " ended before the end: "
                        + trouble.sentence() + "; " + trouble.advice() + "."));
        if (fleet.failed() > 0 && opened + fleet.failed() < asked && !run.halt.isWished()) {
            report.remark("After so many failures the others were not tried.");
        }
    }

    private static Map<String, Integer> words(Map<Trouble, Integer> counts) {
        Map<String, Integer> words = new LinkedHashMap<>();
        counts.forEach((trouble, count) -> words.put(trouble.word(), count));
        return words;
    }

    static void tool(Report report, Run run, Measured measured) {
        report.row("tool", Text.percent(measured.busiest()) + " of its busiest thread");
        report.put("tool", Map.of("busiestThread", measured.busiest(), "threads", run.settings.threads()));
        if (measured.busiest() > BUSY) {
            report.remark(
                    "This tool was the limit, not the server: give it more --threads, or run it on another machine.");
        }
    }

    static void server(Report report, Run run, Measured measured) {
        if (measured.after().isEmpty()) {
            report.row("server", "unknown: " + run.control.whyNoFigures() + " (--metrics-url)");
            return;
        }
        StringJoiner text = new StringJoiner(", ");
        Map<String, Object> json = new LinkedHashMap<>();
        OptionalDouble processors = measured.serverProcessors();
        if (processors.isPresent()) {
            text.add(String.format(Locale.ROOT, "%.2f processors", processors.getAsDouble()));
            json.put("processors", processors.getAsDouble());
        }
        OptionalDouble resident = Measured.figure(measured.after(), ServerFigures::residentBytes);
        if (resident.isPresent()) {
            text.add(Text.bytes(resident.getAsDouble()) + " resident");
            json.put("residentBytes", resident.getAsDouble());
        }
        OptionalDouble heap = Measured.figure(measured.after(), ServerFigures::heapBytes);
        if (heap.isPresent()) {
            text.add(Text.bytes(heap.getAsDouble()) + " heap");
            json.put("heapBytes", heap.getAsDouble());
        }
        report.row("server", text.toString());
        report.put("server", json);
    }

    /** Says whether a rate that was asked for was kept. */
    static void pace(Report report, Measured measured, OptionalDouble rate, long unsent) {
        if (rate.isEmpty()) return;
        report.put("askedPerSecond", rate.getAsDouble());
        report.put("unsent", unsent);
        if (unsent == 0) return;
        report.remark("The rate was not kept: " + Text.count(unsent) + " of what was due was never sent, so delays are"
                + " worse than they look.");
    }

    static void refused(Report report, long refused) {
        report.put("refused", refused);
        if (refused == 0) return;
        report.fault(Text.count(refused) + " of what was sent was refused by the server: its limits are in"
                + " docs/configuration.md (limits.appendsPerSecondPerChannel, limits.appendsPerSecondPerSubject).");
    }

    /** What was sent and neither taken nor refused. */
    static void unanswered(Report report, Measured measured, long unanswered) {
        report.put("unanswered", unanswered);
        if (unanswered == 0) return;
        if (measured.settled()) report.fault(Text.count(unanswered) + " of what was sent was never answered.");
        else report.remark(Text.count(unanswered) + " of what was sent was not answered in time.");
    }
}
