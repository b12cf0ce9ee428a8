package io.switchboard.bench.claims;

import io.switchboard.bench.Json;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What came of the claims: as text, as a document and as JSON. One thread. */
public final class Told {
    private static final String QUICK =
            "Measured shorter and with less than it takes (--quick): it shows that the experiments work, not how things are.";

    private final List<Tested> all;
    private final int http;
    private final boolean quick;
    private final String version;
    private final String machine;
    private final double seconds;

    Told(List<Tested> all, int http, boolean quick, String version, String machine, double seconds) {
        this.all = List.copyOf(all);
        this.http = http;
        this.quick = quick;
        this.version = version;
        this.machine = machine;
        this.seconds = seconds;
    }

    /** Whether each could be measured, or lacked only what this machine has not; whatever the verdicts are. */
    public boolean isGood() {
        return all.stream().noneMatch(Tested::failed);
    }

    private String where() {
        return "Switchboard " + version + ", Java " + System.getProperty("java.version") + ", " + machine;
    }

    /** What differs from what the methods say, over another version than the usual one. */
    private Optional<String> over() {
        return switch (http) {
            case 1 -> Optional.empty();
            case 2 ->
                Optional.of(
                        "Over HTTP/2: each viewer has a connection of his own, with a stream for each request or for his WebSocket"
                                + " (RFC 8441); bytes are those of TCP, the frames of HTTP/2 with them.");
            default ->
                Optional.of(
                        "Over HTTP/3, so with TLS in any case: each viewer has a connection of QUIC of his own, with a stream for each"
                                + " request or for his WebSocket (RFC 9220); bytes are those that UDP carries, acknowledgements of QUIC with them.");
        };
    }

    /** As it is typed, to do it again. */
    private String command() {
        StringBuilder command = new StringBuilder("./switchboard claims");
        if (all.size() < Claims.all().size())
            all.forEach(each -> command.append(' ').append(each.claim().id()));
        if (http != 1) command.append(" --http ").append(http);
        if (quick) command.append(" --quick");
        return command.toString();
    }

    /** Lines for a terminal, without the last line's end. */
    public String text() {
        List<String> lines = new ArrayList<>();
        lines.add(where());
        over().ifPresent(lines::add);
        if (quick) lines.add(QUICK);
        for (Tested each : all) {
            lines.add("");
            lines.add(each.claim().id() + ": " + each.finding().verdict());
            lines.add("  \"" + each.claim().sentence() + "\"");
            int width = each.finding().measures().stream()
                    .mapToInt(measure -> measure.label().length())
                    .max()
                    .orElse(0);
            for (Measure measure : each.finding().measures()) {
                lines.add("  " + measure.label()
                        + " ".repeat(width - measure.label().length()) + "  " + measure.text());
            }
            lines.add("  " + each.finding().says());
        }
        return String.join("\n", lines);
    }

    /** A document with how each was measured and what it leaves open, without the last line's end. */
    public String markdown() {
        List<String> lines = new ArrayList<>();
        lines.add("# What people say, measured");
        lines.add("");
        lines.add("Everything here was written by `" + command() + " --out FILE` on " + LocalDate.now(ZoneOffset.UTC)
                + ", in " + Math.round(seconds)
                + " s: each sentence is one that is commonly said of polling, event streams and WebSockets,"
                + " each figure comes from real connections to servers that were started for it on one machine, and each"
                + " verdict follows from the figures by the rule below it. `./switchboard claims list` tells what there is,"
                + " `./switchboard claims ID` runs one.");
        lines.add("");
        over().ifPresent(sentence -> {
            lines.add(sentence);
            lines.add("");
        });
        if (quick) {
            lines.add("**" + QUICK + "**");
            lines.add("");
        }
        lines.add(where() + ".");
        lines.add("");
        lines.add("| claim | measured | verdict |");
        lines.add("| --- | --- | --- |");
        for (Tested each : all) {
            lines.add("| [" + each.claim().sentence() + "](#" + each.claim().id() + ") | "
                    + each.finding().says() + " | " + each.finding().verdict() + " |");
        }
        lines.add("");
        lines.add(
                "*True within limits*: of some of what it is said of, or less than it says. *False here*: of this server on this machine."
                        + " *Not told*: it could not be measured, and the reason stands there.");
        for (Tested each : all) section(each, lines);
        return String.join("\n", lines);
    }

    private static void section(Tested each, List<String> lines) {
        lines.add("");
        lines.add("## " + each.claim().id());
        lines.add("");
        lines.add("*" + each.claim().sentence() + "* " + each.claim().said());
        lines.add("");
        lines.add("**" + capital(each.finding().verdict().toString()) + ".** "
                + each.finding().says());
        lines.add("");
        if (!each.finding().measures().isEmpty()) {
            lines.add("| | |");
            lines.add("| --- | ---: |");
            for (Measure measure : each.finding().measures()) {
                lines.add("| " + measure.label() + " | " + measure.text() + " |");
            }
            lines.add("");
        }
        lines.add("- How: " + each.claim().method());
        lines.add("- Rule: " + each.claim().rule());
        lines.add("- Not shown: " + each.claim().leaves());
    }

    private static String capital(String words) {
        return Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }

    /** One object on one line. */
    public String json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("version", version);
        json.put("machine", machine);
        json.put("command", command());
        json.put("http", http);
        json.put("quick", quick);
        json.put("seconds", seconds);
        json.put("claims", all.stream().map(Told::json).toList());
        json.put("good", isGood());
        return Json.of(json);
    }

    private static Map<String, Object> json(Tested each) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", each.claim().id());
        json.put("claim", each.claim().sentence());
        json.put("verdict", each.finding().verdict());
        json.put("says", each.finding().says());
        json.put(
                "figures",
                each.finding().measures().stream()
                        .map(measure -> {
                            Map<String, Object> figure = new LinkedHashMap<>();
                            figure.put("label", measure.label());
                            figure.put("value", measure.value());
                            figure.put("unit", measure.unit().word());
                            return figure;
                        })
                        .toList());
        json.put("rule", each.claim().rule());
        json.put("seconds", each.seconds());
        if (each.failed()) json.put("failed", true);
        return json;
    }
}
