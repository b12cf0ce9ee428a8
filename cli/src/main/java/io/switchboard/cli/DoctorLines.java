package io.switchboard.cli;

import io.switchboard.cli.doctor.Finding;
import io.switchboard.cli.doctor.Level;
import io.switchboard.cli.doctor.Proxy;
import io.switchboard.cli.doctor.Remedy;
import io.switchboard.cli.doctor.Target;
import java.io.PrintWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What {@code doctor} finds, a line each for people; and at the end what to change. One thread. */
final class DoctorLines {
    private static final String PLAIN = "\u001b[0m";

    private final PrintWriter out;
    private final boolean colour;

    DoctorLines(PrintWriter out, Shell shell) {
        this.out = out;
        this.colour = shell.isTerminal(Shell.Stream.OUT)
                && shell.environment().getOrDefault("NO_COLOR", "").isEmpty();
    }

    void begin(Target target) {
        out.println("Looking at " + target.url() + " from here.");
        out.flush();
    }

    void print(Finding finding) {
        String level =
                switch (finding.level()) {
                    case OK -> painted("\u001b[32m", "ok     ");
                    case SKIPPED -> painted("\u001b[2m", "skipped");
                    case WARNING -> painted("\u001b[33m", "warning");
                    case TROUBLE -> painted("\u001b[31m", "TROUBLE");
                };
        out.println(level + "  " + String.format("%-10s", finding.step()) + finding.sentence());
        out.flush();
    }

    /** @param proxy which kind it is that has to be changed, if that is known */
    void end(DoctorReport report, Optional<Proxy> proxy) {
        Set<Remedy> remedies = new LinkedHashSet<>();
        for (Finding finding : report.findings()) finding.remedy().ifPresent(remedies::add);
        if (!remedies.isEmpty()) {
            out.println();
            out.println(
                    "To change" + proxy.map(kind -> " (" + kind + " was seen)").orElse("") + ":");
        }
        List<Proxy> kinds = proxy.map(List::of).orElse(List.of(Proxy.values()));
        for (Remedy remedy : remedies) {
            for (Proxy kind : kinds) out.println("  " + String.format("%-9s", kind + ":") + remedy.in(kind));
        }
        out.println();
        out.println(summary(report));
    }

    private static String summary(DoctorReport report) {
        long troubles = report.count(Level.TROUBLE);
        long warnings = report.count(Level.WARNING);
        long skipped = report.count(Level.SKIPPED);
        String left = skipped == 0 ? "" : " Not looked at: " + skipped + ", see above.";
        if (troubles + warnings == 0) return "Nothing stands in the way." + left;
        return (troubles == 0 ? "No trouble" : troubles + (troubles == 1 ? " trouble" : " troubles")) + ", "
                + (warnings == 1 ? "1 warning" : warnings + " warnings") + "." + left
                + (troubles == 0 ? "" : " Configurations that work are in docs/proxies.");
    }

    private String painted(String how, String text) {
        return colour ? how + text + PLAIN : text;
    }
}
