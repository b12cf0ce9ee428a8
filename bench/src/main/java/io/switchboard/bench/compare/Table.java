package io.switchboard.bench.compare;

import io.switchboard.bench.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Function;

/** The figures of all ways side by side: a column each. */
record Table(List<String> heading, List<Line> lines) {
    /** @param cells one a way */
    record Line(String label, List<String> cells) {}

    private static final String UNKNOWN = "unknown";
    private static final String NOTHING = "nothing came";

    /** @param http the version that viewers speak, which says what carries it */
    static Table of(int http, List<Row> rows) {
        List<Line> lines = new ArrayList<>();
        line(lines, rows, "delay p50", row -> delay(row, row.p50Millis()));
        line(lines, rows, "delay p99", row -> delay(row, row.p99Millis()));
        line(lines, rows, "messages to viewers", row -> Text.count(row.outcome().delivered()));
        line(
                lines,
                rows,
                "lost, doubled, out of order",
                row -> Text.count(row.outcome().lost()) + ", "
                        + Text.count(row.outcome().doubled()) + ", "
                        + Text.count(row.outcome().reordered()));
        line(lines, rows, "requests a second", row -> rate(row.requestsPerSecond()));
        line(lines, rows, "bytes a message", row -> known(row.bytesPerMessage(), bytes -> number(bytes)));
        line(lines, rows, "bytes a viewer-hour", row -> Text.bytes(row.bytesPerViewerHour()));
        String carrier = http == 3 ? "UDP" : "TCP";
        line(
                lines,
                rows,
                "of them " + carrier + " and IP",
                row -> row.headShare() == 0 ? UNKNOWN : Text.percent(row.headShare()));
        line(lines, rows, "processor a viewer", row -> known(row.microsPerViewerSecond(), Row::processors));
        line(lines, rows, "heap a viewer", row -> known(row.heapPerViewer(), Text::bytes));
        line(lines, rows, "origin requests a request, cached", Table::cached);
        line(lines, rows, "delay p99, cached", row -> row.shared()
                .map(shared -> shared.p99Nanos() == 0 ? NOTHING : Text.millis(shared.p99Nanos()) + " ms")
                .orElse(row.way().isShared() ? UNKNOWN : "as without"));
        line(lines, rows, "coming back: time", row -> Text.millis(row.returnMillis() * 1e6) + " ms");
        line(lines, rows, "coming back: bytes", row -> number(row.bytesPerReturn()));
        line(lines, rows, "coming back: requests", row -> rate(row.requestsPerReturn()));
        if (rows.stream().anyMatch(row -> row.outcome().spoken().count() > 0)) {
            line(
                    lines,
                    rows,
                    "sent by viewers, p50",
                    row -> Text.millis(row.outcome().spoken().p50()) + " ms");
            line(
                    lines,
                    rows,
                    "sent by viewers, p99",
                    row -> Text.millis(row.outcome().spoken().p99()) + " ms");
        }
        return new Table(rows.stream().map(row -> row.way().label()).toList(), lines);
    }

    private static void line(List<Line> lines, List<Row> rows, String label, Function<Row, String> cell) {
        lines.add(new Line(label, rows.stream().map(cell).toList()));
    }

    private static String delay(Row row, double millis) {
        return row.outcome().delays().count() == 0 ? NOTHING : Text.millis(millis * 1e6) + " ms";
    }

    private static String cached(Row row) {
        if (!row.way().isShared()) return "not shared";
        return row.shared()
                .map(shared -> String.format(
                        Locale.ROOT, shared.originPerRequest() < 0.1 ? "%.3f" : "%.2f", shared.originPerRequest()))
                .orElse(UNKNOWN);
    }

    private static String known(OptionalDouble figure, Function<Double, String> text) {
        return figure.isPresent() ? text.apply(figure.getAsDouble()) : UNKNOWN;
    }

    private static String number(double number) {
        return Text.count(Math.round(number));
    }

    // What is small shows its digits.
    private static String rate(double rate) {
        if (rate > 0 && rate < 1) return String.format(Locale.ROOT, "%.2f", rate);
        return Text.rate(rate);
    }

    List<String> text() {
        int first = lines.stream().mapToInt(line -> line.label().length()).max().orElse(0);
        int[] widths = new int[heading.size()];
        for (int i = 0; i < widths.length; i++) {
            int column = i;
            widths[i] = Math.max(
                    heading.get(i).length(),
                    lines.stream()
                            .mapToInt(line -> line.cells().get(column).length())
                            .max()
                            .orElse(0));
        }
        List<String> all = new ArrayList<>();
        all.add(aligned("", first, heading, widths));
        for (Line line : lines) all.add(aligned(line.label(), first, line.cells(), widths));
        return all;
    }

    private static String aligned(String label, int first, List<String> cells, int[] widths) {
        StringBuilder text = new StringBuilder("  ").append(label).append(" ".repeat(first - label.length()));
        for (int i = 0; i < widths.length; i++) {
            text.append("  ")
                    .append(" ".repeat(widths[i] - cells.get(i).length()))
                    .append(cells.get(i));
        }
        return text.toString();
    }

    List<String> markdown() {
        List<String> all = new ArrayList<>();
        all.add("| | " + String.join(" | ", heading) + " |");
        all.add("| --- |" + " ---: |".repeat(heading.size()));
        for (Line line : lines) all.add("| " + line.label() + " | " + String.join(" | ", line.cells()) + " |");
        return all;
    }
}
