package io.switchboard.cli;

import io.switchboard.client.Json;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a server advises, for people. One thread. */
final class AdviceLines {
    private static final String PLAIN = "\u001b[0m";
    private static final String BOLD = "\u001b[1m";
    private static final String DIM = "\u001b[2m";
    private static final String GREEN = "\u001b[32m";
    private static final String YELLOW = "\u001b[33m";
    private static final int WIDTH = 100;
    private static final String INDENT = "    ";

    private final PrintWriter out;
    private final boolean colour;

    AdviceLines(PrintWriter out, Shell shell) {
        this.out = out;
        this.colour = shell.isTerminal(Shell.Stream.OUT)
                && shell.environment().getOrDefault("NO_COLOR", "").isEmpty();
    }

    /** @param one whether it is about one channel */
    void print(String answer, boolean one) throws Json.Malformed {
        Map<String, String> all = Json.members(answer);
        if (one) {
            print(object(all, "advice"), true);
        } else {
            sum(all);
            for (String advice : Json.elements(member(all, "advice"))) {
                out.println();
                print(Json.members(advice), false);
            }
        }
        out.println();
        if (member(all, "alone").equals("false")) {
            wrap("This server shares its channels with others, and saw only what came to it: ask them too.", "");
        }
        wrap(painted(DIM, "Reckoned with what was measured: " + text(object(all, "evidence"), "origin") + "."), "");
    }

    private void sum(Map<String, String> all) throws Json.Malformed {
        Map<String, String> channels = object(all, "channels");
        String unseen = member(channels, "notObserved");
        out.println(painted(BOLD, count(number(channels, "observed")) + " channels observed")
                + ": " + painted(GREEN, member(channels, "move") + " could be read cheaper") + ", "
                + member(channels, "stay") + " are read well, " + member(channels, "none") + " cannot be advised"
                + (unseen.equals("0") ? "." : "; " + unseen + " more are not observed, as there are too many."));
        if (number(channels, "move") + number(channels, "stay") == 0) return;
        Map<String, String> now = object(all, "now");
        Map<String, String> then = object(all, "then");
        String form = "  %-12s %16s %12s %14s %12s";
        out.println(painted(DIM, form.formatted("an hour", "requests", "bytes", "processor", "memory")));
        out.println(row("now", now, form));
        out.println(row("as advised", then, form));
    }

    private static String row(String label, Map<String, String> cost, String form) {
        return form.formatted(
                label,
                count(number(cost, "requestsPerHour")),
                bytes(number(cost, "bytesPerHour")),
                String.format(Locale.ROOT, "%.1f s", number(cost, "cpuSecondsPerHour")),
                bytes(number(cost, "memoryBytes")));
    }

    private void print(Map<String, String> advice, boolean whole) throws Json.Malformed {
        String kind = text(advice, "kind");
        String what =
                switch (kind) {
                    case "move" ->
                        painted(GREEN, "move to " + text(advice, "transport")) + ", confidence "
                                + text(advice, "confidence");
                    case "stay" ->
                        "stay with " + text(advice, "transport") + ", confidence " + text(advice, "confidence");
                    default -> painted(YELLOW, "no advice");
                };
        out.println(painted(BOLD, text(advice, "channel")) + "  " + what
                + painted(DIM, "  (rule " + member(advice, "rule") + ")"));
        wrap(text(advice, "sentence"), INDENT);
        if (advice.containsKey("writers")) wrap(text(advice, "writers"), INDENT);
        if (!whole || !advice.containsKey("options")) return;
        out.println();
        String form = INDENT + "%-12s %16s %12s %14s %12s %10s";
        out.println(painted(DIM, form.formatted("an hour", "requests", "bytes", "processor", "memory", "delay")));
        out.println(line("now", object(advice, "now"), form));
        for (Map.Entry<String, String> option : object(advice, "options").entrySet()) {
            out.println(line(option.getKey(), Json.members(option.getValue()), form));
        }
        if (!advice.containsKey("pollingPaysFromSeconds")) return;
        out.println();
        wrap(
                "For who can wait, polling is the cheaper way from an interval of "
                        + String.format(Locale.ROOT, "%.1f s", number(advice, "pollingPaysFromSeconds")) + " on.",
                INDENT);
    }

    private static String line(String label, Map<String, String> cost, String form) {
        return form.formatted(
                label,
                count(number(cost, "requestsPerHour")),
                bytes(number(cost, "bytesPerHour")),
                String.format(Locale.ROOT, "%.1f s", number(cost, "cpuSecondsPerHour")),
                bytes(number(cost, "memoryBytes")),
                String.format(Locale.ROOT, "%.1f s", number(cost, "delaySeconds")));
    }

    private void wrap(String text, String indent) {
        StringBuilder line = new StringBuilder(indent);
        for (String word : List.of(text.split(" ", -1))) {
            if (line.length() > indent.length() && line.length() + 1 + word.length() > WIDTH) {
                out.println(line);
                line = new StringBuilder(indent);
            }
            if (line.length() > indent.length()) line.append(' ');
            line.append(word);
        }
        out.println(line);
    }

    private static String member(Map<String, String> of, String name) {
        String value = of.get(name);
        if (value == null) throw new IllegalArgumentException("no " + name);
        return value;
    }

    private static String text(Map<String, String> of, String name) {
        return Json.unquote(member(of, name)).replaceAll("\\p{Cntrl}", " ");
    }

    private static double number(Map<String, String> of, String name) {
        return Double.parseDouble(member(of, name));
    }

    private static Map<String, String> object(Map<String, String> of, String name) throws Json.Malformed {
        return Json.members(member(of, name));
    }

    private static String count(double number) {
        return String.format(Locale.ROOT, "%,.0f", number);
    }

    private static String bytes(double bytes) {
        if (bytes < 999.5) return String.format(Locale.ROOT, "%.0f B", bytes);
        if (bytes < 999_500) return String.format(Locale.ROOT, "%.1f KB", bytes / 1e3);
        return bytes < 999.5e6
                ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6)
                : String.format(Locale.ROOT, "%,.1f GB", bytes / 1e9);
    }

    private String painted(String how, String text) {
        return colour ? how + text + PLAIN : text;
    }
}
