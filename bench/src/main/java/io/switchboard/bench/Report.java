package io.switchboard.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What came of a run: as aligned text to be pasted, and as one JSON object. One thread. */
public final class Report {
    private final String title;
    private final List<String[]> rows = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();
    private final Map<String, Object> json = new LinkedHashMap<>();
    private boolean good = true;
    private boolean stopped;

    Report(String mode, String title) {
        this.title = "Switchboard bench " + mode + ": " + title;
        json.put("bench", mode);
    }

    void row(String label, String text) {
        rows.add(new String[] {label, text});
    }

    /** For machines only. */
    void put(String key, Object value) {
        json.put(key, value);
    }

    /** A sentence that whoever reads the figures has to know. */
    void remark(String sentence) {
        remarks.add(sentence);
    }

    /** A remark that makes the result a bad one. */
    void fault(String sentence) {
        good = false;
        remarks.add(sentence);
    }

    void stopped() {
        stopped = true;
        remarks.add("Ended early; these are the figures up to then.");
    }

    /** Whether nothing was lost, doubled or out of order, and nothing failed. */
    public boolean isGood() {
        return good;
    }

    /** Whether it was ended early by whoever ran it. */
    public boolean isStopped() {
        return stopped;
    }

    /** Lines without the last line's end. */
    public String text() {
        int width = rows.stream().mapToInt(row -> row[0].length()).max().orElse(0);
        List<String> lines = new ArrayList<>();
        lines.add(title);
        for (String[] row : rows) lines.add("  " + row[0] + " ".repeat(width + 2 - row[0].length()) + row[1]);
        lines.addAll(remarks);
        return String.join("\n", lines);
    }

    /** One line. */
    public String json() {
        Map<String, Object> all = new LinkedHashMap<>(json);
        all.put("remarks", remarks);
        all.put("stopped", stopped);
        all.put("good", good);
        return Json.of(all);
    }
}
