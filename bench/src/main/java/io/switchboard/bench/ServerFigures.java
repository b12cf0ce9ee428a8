package io.switchboard.bench;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/** Figures of the server at one moment, from the text that Prometheus reads (docs/operations.md). */
public final class ServerFigures {
    private final Map<String, Double> values = new HashMap<>();

    /** When they came, in nanoseconds by the clock of who asked. */
    public final long atNanos;

    private ServerFigures(long atNanos) {
        this.atNanos = atNanos;
    }

    /** @param text as {@code /metrics} has it; lines that are no figures are passed over */
    public static ServerFigures parse(String text, long atNanos) {
        ServerFigures figures = new ServerFigures(atNanos);
        text.lines().forEach(figures::take);
        return figures;
    }

    private void take(String line) {
        int blank = line.lastIndexOf(' ');
        if (blank < 0 || line.startsWith("#")) return;
        try {
            values.put(line.substring(0, blank), Double.parseDouble(line.substring(blank + 1)));
        } catch (NumberFormatException notOurs) {
            // A figure that is none says nothing.
        }
    }

    /** @param name with its labels, as it stands in the line; empty if there is no such line */
    public OptionalDouble value(String name) {
        Double value = values.get(name);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    /** The sum of all figures of this name whose labels have this in them; 0 if there is none. */
    public double sum(String name, String label) {
        return values.entrySet().stream()
                .filter(entry ->
                        entry.getKey().startsWith(name + "{") && entry.getKey().contains(label))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    public OptionalDouble heapBytes() {
        return value("jvm_memory_used_bytes{area=\"heap\"}");
    }

    public OptionalDouble residentBytes() {
        return value("process_resident_memory_bytes");
    }

    /** Processor time since it began. */
    public OptionalDouble cpuSeconds() {
        return value("process_cpu_seconds_total");
    }

    /** Connections that there can be, by the limit that ends them: by configuration, by files, by memory. */
    Map<String, OptionalDouble> capacity() {
        Map<String, OptionalDouble> limits = new LinkedHashMap<>();
        limits.put("configuration", value("switchboard_capacity_connections{limit=\"configured\"}"));
        limits.put("files", value("switchboard_capacity_connections{limit=\"files\"}"));
        limits.put("memory", value("switchboard_capacity_connections{limit=\"memory\"}"));
        return limits;
    }

    /** The share of the files it may open that it has, 0 to 1. */
    OptionalDouble filesUsed() {
        OptionalDouble open = value("process_open_fds");
        OptionalDouble max = value("process_max_fds");
        return open.isPresent() && max.isPresent() && max.getAsDouble() > 0
                ? OptionalDouble.of(open.getAsDouble() / max.getAsDouble())
                : OptionalDouble.empty();
    }
}
