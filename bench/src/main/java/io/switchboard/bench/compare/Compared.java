package io.switchboard.bench.compare;

import io.switchboard.bench.Json;
import io.switchboard.bench.own.Front;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/** What came of a comparison: as text, Markdown, JSON and a page. One thread. */
public final class Compared {
    private static final double BUSY = 0.9;
    private static final int FEW = 50;

    private final Workload workload;
    private final String version;
    private final String machine;
    private final OptionalDouble idleProcessors;
    private final List<Row> rows;

    /** @param idleProcessors that the server used while the same was published to nobody */
    Compared(Workload workload, String version, String machine, OptionalDouble idleProcessors, List<Row> rows) {
        this.workload = workload;
        this.version = version;
        this.machine = machine;
        this.idleProcessors = idleProcessors;
        this.rows = List.copyOf(rows);
    }

    Workload workload() {
        return workload;
    }

    List<Row> rows() {
        return rows;
    }

    String where() {
        return "Switchboard " + version + ", Java " + System.getProperty("java.version") + ", " + machine;
    }

    /** Whether every viewer got every message once and in order, over every way. */
    public boolean isGood() {
        return rows.stream()
                .allMatch(row -> row.wrong() == 0
                        && row.outcome().late() == 0
                        && row.outcome().gone() == 0
                        && row.outcome().unsent() == 0);
    }

    /** Aligned lines for a terminal, without the last line's end. */
    public String text() {
        List<String> lines = new ArrayList<>();
        lines.add("Switchboard compare: " + workload.title());
        lines.add(where());
        lines.add("");
        lines.addAll(Table.of(workload.http(), rows).text());
        lines.add("");
        lines.addAll(sentences());
        return String.join("\n", lines);
    }

    /** A table with what it is of, without the last line's end. */
    public String markdown() {
        List<String> lines = new ArrayList<>();
        lines.add("**" + workload.title() + "** (`" + workload.command() + "`)");
        lines.add("");
        lines.addAll(Table.of(workload.http(), rows).markdown());
        lines.add("");
        for (String sentence : sentences()) lines.add("- " + sentence);
        lines.add("");
        lines.add(where() + ".");
        return String.join("\n", lines);
    }

    /** One object on one line. */
    public String json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("compare", workload.title());
        json.put("version", version);
        json.put("machine", machine);
        json.put("command", workload.command());
        Map<String, Object> asked = new LinkedHashMap<>();
        asked.put("rate", workload.rate());
        asked.put("size", workload.size());
        asked.put("viewers", workload.viewers());
        asked.put("clientRate", workload.clientRate());
        asked.put("durationSeconds", workload.durationSeconds());
        asked.put("tls", workload.tls());
        asked.put("http", workload.http());
        asked.put("through", workload.front());
        asked.put("pollEverySeconds", workload.pollEverySeconds());
        json.put("workload", asked);
        idleProcessors.ifPresent(used -> json.put("idleProcessors", used));
        json.put("ways", rows.stream().map(Row::json).toList());
        json.put("remarks", sentences());
        json.put("good", isGood());
        return Json.of(json);
    }

    /** A whole page that needs nothing else. */
    public String html() {
        return new Page(this).html();
    }

    /** What the figures say, and what whoever reads them has to know. */
    List<String> sentences() {
        List<String> all = new ArrayList<>();
        least("Fewest bytes", Row::bytesPerViewerHour).ifPresent(all::add);
        least("Shortest delay (p99)", Row::p99Millis).ifPresent(all::add);
        least("Least processor time", row -> row.microsPerViewerSecond().orElse(Double.NaN))
                .ifPresent(all::add);
        if (!isGood()) all.add(trouble());
        if (rows.stream().anyMatch(row -> row.headShare() == 0)) {
            all.add("This machine does not tell of segments of TCP, so what TCP and IP add is not in the bytes.");
        }
        if (workload.viewers() < FEW) {
            all.add("With fewer than " + FEW
                    + " viewers the server's own work hides what each of them takes of processor" + " and heap.");
        }
        if (rows.stream().anyMatch(row -> row.outcome().busiest() > BUSY)) {
            all.add("The tool's own thread was full at times, so some delays are its own and not the server's.");
        }
        if (workload.http() != 1 && rows.stream().anyMatch(row -> row.shared().isPresent())) {
            all.add("What a cache saves was measured over HTTP/1.1, as nginx passes no WebSocket over HTTP/"
                    + workload.http() + ".");
        }
        if (workload.front() != Front.DIRECT)
            all.add("What nginx itself takes of processor and memory is not in these figures.");
        return all;
    }

    private String trouble() {
        StringBuilder sentence = new StringBuilder("Not all went well:");
        for (Row row : rows) {
            String flaws = new Flaws(row).text();
            if (!flaws.isEmpty())
                sentence.append(' ')
                        .append(row.way().label())
                        .append(':')
                        .append(flaws)
                        .append(';');
        }
        sentence.setCharAt(sentence.length() - 1, '.');
        return sentence.toString();
    }

    private record Flaws(Row row) {
        String text() {
            StringBuilder text = new StringBuilder();
            add(text, row.outcome().lost(), "lost");
            add(text, row.outcome().late(), "not delivered in time");
            add(text, row.outcome().doubled(), "doubled");
            add(text, row.outcome().reordered(), "out of order");
            add(text, row.outcome().unsent(), "not published");
            add(text, row.outcome().gone(), "viewers not there to the end");
            return text.isEmpty() ? "" : text.substring(0, text.length() - 1);
        }

        private static void add(StringBuilder text, long count, String what) {
            if (count > 0) text.append(String.format(Locale.ROOT, " %,d %s,", count, what));
        }
    }

    private Optional<String> least(String what, ToDoubleFunction<Row> figure) {
        List<Row> known = rows.stream()
                .filter(row -> Double.isFinite(figure.applyAsDouble(row))
                        && row.outcome().delivered() > 0)
                .sorted(Comparator.comparingDouble(figure))
                .toList();
        if (known.size() < 2 || figure.applyAsDouble(known.getFirst()) <= 0) return Optional.empty();
        double best = figure.applyAsDouble(known.getFirst());
        List<String> others = new ArrayList<>();
        for (Row row : known.subList(1, known.size())) {
            others.add(row.way().label() + " " + times(figure.applyAsDouble(row) / best));
        }
        return Optional.of(what + ": " + known.getFirst().way().label() + "; " + String.join(", ", others) + ".");
    }

    /** Such as {@code 2.5 times}. */
    static String times(double factor) {
        return String.format(Locale.ROOT, factor < 10 ? "%.1f times" : "%,.0f times", factor);
    }
}
