package io.switchboard.bench.compare;

import io.switchboard.bench.Text;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.DoubleFunction;
import java.util.function.Function;

/** A comparison as one HTML file that needs nothing else: bars as inline SVG, in a light and a dark dress. */
final class Page {
    private static final int WIDTH = 640; // of a chart, in units of its own
    private static final int LABEL = 130;
    private static final int FIGURE = 110;
    private static final int BAR = 22;
    private static final int STEP = 32;
    private static final int COLOURS = 7;

    private static final String HEAD = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Switchboard compare</title>
            <style>
            """;

    private static final String STYLE = """
            :root { color-scheme: light dark; --back: #fbfbfa; --card: #fff; --text: #1d2226; --soft: #5d6770;
              --line: #dfe3e6; --c0: #c2410c; --c1: #b45309; --c2: #a16207; --c3: #854d0e; --c4: #7c3aed; --c5: #0e7490;
              --c6: #15803d; }
            @media (prefers-color-scheme: dark) {
              :root { --back: #14181b; --card: #1c2226; --text: #e8ebed; --soft: #9aa5ad; --line: #323a40; --c0: #fb923c;
                --c1: #fbbf24; --c2: #facc15; --c3: #fde047; --c4: #a78bfa; --c5: #22d3ee; --c6: #4ade80; }
            }
            * { box-sizing: border-box; }
            body { margin: 0 auto; padding: 32px 20px 64px; max-width: 1120px; background: var(--back); color: var(--text);
              font: 16px/1.5 system-ui, sans-serif; }
            h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 4px; }
            h2 { font-size: 1.05rem; margin: 0; }
            p { margin: 4px 0; }
            .soft { color: var(--soft); font-size: .875rem; overflow-wrap: anywhere; }
            ul { margin: 20px 0; padding-left: 20px; }
            .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 16px; }
            figure { margin: 0; padding: 16px 18px 12px; background: var(--card); border: 1px solid var(--line);
              border-radius: 10px; }
            svg { display: block; width: 100%; height: auto; margin-top: 10px; font-size: 15px; }
            svg text { fill: var(--text); }
            svg .figure { font-variant-numeric: tabular-nums; }
            svg .ground { fill: var(--line); opacity: .45; }
            svg .second { opacity: .45; }
            .scroll { overflow-x: auto; margin-top: 24px; border: 1px solid var(--line); border-radius: 10px;
              background: var(--card); }
            table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
            th, td { padding: 7px 14px; text-align: right; white-space: nowrap; border-top: 1px solid var(--line); }
            thead th { border-top: 0; }
            tbody th, thead th:first-child { text-align: left; font-weight: 500; }
            code { font: .875em ui-monospace, monospace; }
            """;

    private final Compared compared;

    Page(Compared compared) {
        this.compared = compared;
    }

    String html() {
        Workload workload = compared.workload();
        StringBuilder out = new StringBuilder();
        out.append(HEAD)
                .append(STYLE)
                .append("</style>\n</head>\n<body>\n<h1>")
                .append(text(workload.title()))
                .append("</h1>\n<p class=\"soft\"><code>")
                .append(text(workload.command()))
                .append("</code></p>\n<p class=\"soft\">")
                .append(text(compared.where()))
                .append("</p>\n<ul>\n");
        for (String sentence : compared.sentences())
            out.append("<li>").append(text(sentence)).append("</li>\n");
        out.append("</ul>\n<div class=\"charts\">\n");
        charts(out);
        out.append("</div>\n");
        table(out);
        return out.append("</body>\n</html>\n").toString();
    }

    private void charts(StringBuilder out) {
        delays(out);
        chart(
                out,
                "Bytes a viewer-hour",
                "all that crosses the network for one viewer: heads, frames, TLS, "
                        + (compared.workload().http() == 3 ? "QUIC, UDP" : "TCP") + " and IP",
                row -> OptionalDouble.of(row.bytesPerViewerHour()),
                Text::bytes);
        chart(
                out,
                "Bytes a message",
                "what reaches one viewer, with the requests for it",
                Row::bytesPerMessage,
                bytes -> Text.count(Math.round(bytes)));
        chart(
                out,
                "Requests a second",
                "of all viewers together",
                row -> OptionalDouble.of(row.requestsPerSecond()),
                Text::rate);
        chart(
                out,
                "Processor a viewer",
                "millionths of one processor of the server, less what publishing takes",
                Row::microsPerViewerSecond,
                Row::processors);
        chart(
                out,
                "Heap a viewer",
                "of the server, after a collection, while the viewer waits",
                Row::heapPerViewer,
                Text::bytes);
        chart(
                out,
                "Bytes to come back",
                "a new connection, and whatever it takes to stand where the old one ended",
                row -> OptionalDouble.of(row.bytesPerReturn()),
                bytes -> Text.count(Math.round(bytes)));
        chart(
                out,
                "Time to come back",
                "the median of "
                        + compared.rows().getFirst().outcome().returns().count(),
                row -> OptionalDouble.of(row.returnMillis()),
                millis -> Text.millis(millis * 1e6) + " ms");
    }

    private void chart(
            StringBuilder out,
            String title,
            String what,
            Function<Row, OptionalDouble> figure,
            DoubleFunction<String> shown) {
        List<Row> rows = compared.rows();
        double max = rows.stream()
                .mapToDouble(row -> figure.apply(row).orElse(0))
                .max()
                .orElse(0);
        begin(out, title, what, rows.size());
        for (int i = 0; i < rows.size(); i++) {
            OptionalDouble value = figure.apply(rows.get(i));
            label(out, i, rows.get(i));
            if (value.isPresent() && max > 0) bar(out, i, "", value.getAsDouble() / max);
            figure(out, i, value.isPresent() ? shown.apply(value.getAsDouble()) : "unknown");
        }
        out.append("</svg>\n</figure>\n");
    }

    // From a tenth of a millisecond on, tenfold a step: what differs a thousandfold is to be seen side by side.
    private void delays(StringBuilder out) {
        List<Row> rows = compared.rows();
        double max = rows.stream().mapToDouble(Row::p99Millis).max().orElse(1);
        begin(out, "Delay", "p50, and p99 lighter, on a logarithmic scale from 0.1 ms", rows.size());
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            label(out, i, row);
            bar(out, i, " second", logarithmic(row.p99Millis(), max));
            bar(out, i, "", logarithmic(row.p50Millis(), max));
            figure(out, i, Text.millis(row.p50Millis() * 1e6) + ", " + Text.millis(row.p99Millis() * 1e6) + " ms");
        }
        out.append("</svg>\n</figure>\n");
    }

    /** Where a delay stands between a tenth of a millisecond and the longest, 0 to 1. */
    static double logarithmic(double millis, double maxMillis) {
        double most = Math.log10(Math.max(1, maxMillis) / 0.1);
        return Math.clamp(Math.log10(Math.max(millis, 0.1) / 0.1) / most, 0.0, 1.0);
    }

    private static void begin(StringBuilder out, String title, String what, int bars) {
        out.append("<figure>\n<h2>")
                .append(text(title))
                .append("</h2>\n<p class=\"soft\">")
                .append(text(what))
                .append("</p>\n<svg viewBox=\"0 0 ")
                .append(WIDTH)
                .append(' ')
                .append(bars * STEP)
                .append("\" role=\"img\" aria-label=\"")
                .append(text(title))
                .append("\">\n");
    }

    private static void label(StringBuilder out, int place, Row row) {
        int middle = place * STEP + STEP / 2 + 5;
        out.append("<text x=\"0\" y=\"")
                .append(middle)
                .append("\">")
                .append(text(row.way().label()))
                .append("</text>\n");
        out.append(String.format(
                Locale.ROOT,
                "<rect class=\"ground\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\"/>%n",
                LABEL,
                place * STEP + (STEP - BAR) / 2,
                WIDTH - LABEL - FIGURE,
                BAR));
    }

    private void bar(StringBuilder out, int place, String kind, double share) {
        // The last three colours are those of long-poll, SSE and WebSocket, whatever polls there are.
        int colour = Math.max(0, COLOURS - compared.rows().size() + place);
        if (colour < COLOURS - 3) colour = place;
        out.append(String.format(
                Locale.ROOT,
                "<rect class=\"bar%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"4\" fill=\"var(--c%d)\"/>%n",
                kind,
                LABEL,
                place * STEP + (STEP - BAR) / 2,
                Math.max(share > 0 ? 2 : 0, share * (WIDTH - LABEL - FIGURE)),
                BAR,
                colour));
    }

    private static void figure(StringBuilder out, int place, String shown) {
        out.append("<text class=\"figure\" text-anchor=\"end\" x=\"")
                .append(WIDTH)
                .append("\" y=\"")
                .append(place * STEP + STEP / 2 + 5)
                .append("\">")
                .append(text(shown))
                .append("</text>\n");
    }

    private void table(StringBuilder out) {
        Table table = Table.of(compared.workload().http(), compared.rows());
        out.append("<div class=\"scroll\"><table>\n<thead><tr><th></th>");
        for (String heading : table.heading())
            out.append("<th>").append(text(heading)).append("</th>");
        out.append("</tr></thead>\n<tbody>\n");
        for (Table.Line line : table.lines()) {
            out.append("<tr><th>").append(text(line.label())).append("</th>");
            for (String cell : line.cells())
                out.append("<td>").append(text(cell)).append("</td>");
            out.append("</tr>\n");
        }
        out.append("</tbody>\n</table></div>\n");
    }

    private static String text(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
