package io.switchboard.server.metrics;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.switchboard.core.figures.Counter;
import io.switchboard.core.figures.Durations;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.nodes.Nodes;
import io.switchboard.core.time.Loop;
import io.switchboard.http.Sessions;
import io.switchboard.http.Traffic;
import io.switchboard.http.routing.Operations;
import io.switchboard.server.capacity.Capacity;
import io.switchboard.server.capacity.Limit;
import io.switchboard.server.capacity.Means;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Gathers all figures at the moment they are asked for. Any loop. */
public final class Metrics implements Operations.Exposition {
    private static final String PREFIX = "switchboard_";

    private final Figures figures;
    private final Traffic traffic;
    private final Sessions sessions;
    private final Nodes nodes;
    private final Supplier<Capacity> capacity;
    private final BooleanSupplier ready;

    public Metrics(
            Figures figures,
            Traffic traffic,
            Sessions sessions,
            Nodes nodes,
            Supplier<Capacity> capacity,
            BooleanSupplier ready) {
        this.figures = figures;
        this.traffic = traffic;
        this.sessions = sessions;
        this.nodes = nodes;
        this.capacity = capacity;
        this.ready = ready;
    }

    @Override
    public void write(Loop caller, Consumer<byte[]> answer) {
        sessions.count(caller, census -> answer.accept(text(census)));
    }

    private byte[] text(Sessions.Census census) {
        List<MetricSnapshot> all = new ArrayList<>();
        Capacity now = capacity.get();
        connections(census, now.open(), all);
        capacity(now, all);
        all.add(counter("messages_in", "Messages stored.", figures.messagesIn));
        all.add(counter("bytes_in", "Bytes of messages stored.", figures.bytesIn));
        all.add(counter("messages_out", "Messages given to live readers, each reader counted.", figures.messagesOut));
        all.add(counter("bytes_out", "Bytes of messages given to live readers.", figures.bytesOut));
        all.add(counter("bytes_sent", "Bytes handed to sockets, without response headers.", traffic.bytesSent));
        all.add(appends());
        all.add(durations("append_seconds", "From an append's arrival to its answer.", figures.appending));
        all.add(durations(
                "delivery_seconds", "From a message's commit to the sockets of its live readers.", figures.delivery));
        all.add(gauge("readers", "Readers of channels.", (double) figures.readers.value()));
        all.add(gauge("readers_lagging", "Readers whose client does not keep up.", (double) figures.lagging.value()));
        all.add(counter("recoveries", "Times a lagging reader went on reading.", figures.recoveries));
        all.add(counter("gaps", "Times a reader was told that messages are gone.", figures.gaps));
        all.add(durations("store_commit_seconds", "Writing a commit to the store.", figures.commits));
        all.add(durations("store_sync_seconds", "Syncing the store's log to disk.", figures.syncs));
        all.add(durations(
                "store_round_trip_seconds",
                "From a question to a shared store to its answer; none without one.",
                figures.roundTrips));
        all.add(durations(
                "relay_call_seconds",
                "From asking a shared store for an append to hearing its call, of channels followed here.",
                figures.calls));
        all.add(counter("relay_holes", "Times messages were loaded of which no call had come.", figures.holes));
        answers(all);
        if (nodes.isShared()) together(all);
        machine(all);
        ByteArrayOutputStream out = new ByteArrayOutputStream(16 * 1024);
        try {
            PrometheusTextFormatWriter.create().write(out, new MetricSnapshots(all));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private void connections(Sessions.Census census, int open, List<MetricSnapshot> all) {
        GaugeSnapshot.Builder connections = GaugeSnapshot.builder()
                .name(PREFIX + "connections")
                .help("Open connections, and streams of HTTP/2 that last, by what they are used for.");
        int lasting = 0;
        for (var of : census.byTransport().entrySet()) {
            lasting += of.getValue();
            connections.dataPoint(point(of.getValue(), Labels.of("transport", of.getKey())));
        }
        // the others are between two requests, or at a short one
        connections.dataPoint(point(Math.max(0, open - lasting), Labels.of("transport", "http")));
        all.add(connections.build());
        all.add(gauge("ready", "1 while requests are taken, 0 once the server drains.", ready.getAsBoolean() ? 1 : 0));
        CounterSnapshot.Builder refused = CounterSnapshot.builder()
                .name(PREFIX + "connections_refused")
                .help("Connections turned away before a request was looked at.");
        traffic.turnedAway().forEach((why, count) -> refused.dataPoint(point(count, Labels.of("reason", word(why)))));
        all.add(refused.build());
    }

    private static void capacity(Capacity now, List<MetricSnapshot> all) {
        GaugeSnapshot.Builder most = GaugeSnapshot.builder()
                .name(PREFIX + "capacity_connections")
                .help("Connections that there can be, those that are open with them, by each limit that ends them.");
        now.by(Limit.CONFIGURED)
                .ifPresent(count -> most.dataPoint(point((double) count, Labels.of("limit", "configured"))));
        now.by(Limit.FILES).ifPresent(count -> most.dataPoint(point((double) count, Labels.of("limit", "files"))));
        now.byMemory().ifPresent(count -> most.dataPoint(point((double) count, Labels.of("limit", "memory"))));
        all.add(most.build());
        all.add(gauge("capacity_connections_smallest", "Connections that all limits let be.", (double) now.smallest()));
        all.add(GaugeSnapshot.builder()
                .name(PREFIX + "capacity_connection_bytes")
                .help("Memory that a further idle connection is reckoned with.")
                .dataPoint(point((double) now.cost().heapBytes(), Labels.of("area", "heap")))
                .dataPoint(point((double) now.cost().machineBytes(), Labels.of("area", "machine")))
                .build());
    }

    private CounterSnapshot appends() {
        CounterSnapshot.Builder appends =
                CounterSnapshot.builder().name(PREFIX + "appends").help("Appends, by what came of them.");
        figures.appends()
                .forEach((outcome, count) -> appends.dataPoint(point(count, Labels.of("outcome", word(outcome)))));
        return appends.build();
    }

    private void answers(List<MetricSnapshot> all) {
        CounterSnapshot.Builder answers =
                CounterSnapshot.builder().name(PREFIX + "http_answers").help("Requests answered.");
        traffic.answers().forEach((answer, count) -> {
            String method = answer.method().toLowerCase(Locale.ROOT);
            String status = Integer.toString(answer.status());
            answers.dataPoint(point(count, Labels.of("http", answer.version(), "method", method, "status", status)));
        });
        all.add(answers.build());
        CounterSnapshot.Builder ends = CounterSnapshot.builder()
                .name(PREFIX + "http2_errors")
                .help("HTTP/2 connections that were ended for what the peer did, by the error it was told.");
        traffic.endsOfHttp2()
                .forEach((error, count) ->
                        ends.dataPoint(point(count, Labels.of("error", error.toLowerCase(Locale.ROOT)))));
        all.add(ends.build());
        CounterSnapshot.Builder endsOfHttp3 = CounterSnapshot.builder()
                .name(PREFIX + "http3_errors")
                .help("HTTP/3 connections that were ended for what the peer did, by the error it was told.");
        traffic.endsOfHttp3()
                .forEach((error, count) ->
                        endsOfHttp3.dataPoint(point(count, Labels.of("error", error.toLowerCase(Locale.ROOT)))));
        all.add(endsOfHttp3.build());
        CounterSnapshot.Builder closes = CounterSnapshot.builder()
                .name(PREFIX + "websocket_closes")
                .help("WebSockets that ended, by close code; 1006 is an end without a word.");
        traffic.closes().forEach((code, count) -> {
            String label = code == Traffic.OTHER_CODE ? "other" : Integer.toString(code);
            closes.dataPoint(point(count, Labels.of("code", label)));
        });
        all.add(closes.build());
        CounterSnapshot.Builder failures = CounterSnapshot.builder()
                .name(PREFIX + "auth_failures")
                .help("Tokens and tickets that were not accepted, by reason.");
        traffic.refusedTokens()
                .forEach((reason, count) -> failures.dataPoint(point(count, Labels.of("reason", word(reason)))));
        failures.dataPoint(point(traffic.refusedTickets(), Labels.of("reason", "ticket")));
        all.add(failures.build());
    }

    private void together(List<MetricSnapshot> all) {
        all.add(GaugeSnapshot.builder()
                .name(PREFIX + "node")
                .help("1 while the other nodes count on this one, which is named, 0 once its lease may be over.")
                .dataPoint(point(nodes.holdsLease() ? 1 : 0, Labels.of("id", nodes.id())))
                .build());
        all.add(gauge(
                "nodes",
                "Nodes that share the store, this one with them.",
                nodes.living().size()));
    }

    private static void machine(List<MetricSnapshot> all) {
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        all.add(GaugeSnapshot.builder()
                .name("jvm_memory_used_bytes")
                .help("Memory in use.")
                .dataPoint(point((double) heap.getUsed(), Labels.of("area", "heap")))
                .build());
        all.add(GaugeSnapshot.builder()
                .name("jvm_threads_current")
                .help("Threads.")
                .dataPoint(point(ManagementFactory.getThreadMXBean().getThreadCount(), Labels.EMPTY))
                .build());
        all.add(GaugeSnapshot.builder()
                .name("process_start_time_seconds")
                .help("When the process began, in seconds since 1970.")
                .dataPoint(point(ManagementFactory.getRuntimeMXBean().getStartTime() / 1e3, Labels.EMPTY))
                .build());
        Means.residentBytes()
                .ifPresent(bytes -> all.add(GaugeSnapshot.builder()
                        .name("process_resident_memory_bytes")
                        .help("Memory of the machine in use.")
                        .dataPoint(point((double) bytes, Labels.EMPTY))
                        .build()));
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.UnixOperatingSystemMXBean unix) {
            all.add(CounterSnapshot.builder()
                    .name("process_cpu_seconds")
                    .help("Processor time used.")
                    .dataPoint(CounterDataPointSnapshot.builder()
                            .value(unix.getProcessCpuTime() / 1e9)
                            .build())
                    .build());
        }
        Means.openFiles()
                .ifPresent(count -> all.add(GaugeSnapshot.builder()
                        .name("process_open_fds")
                        .help("Open files and sockets.")
                        .dataPoint(point((double) count, Labels.EMPTY))
                        .build()));
        Means.filesMax()
                .ifPresent(count -> all.add(GaugeSnapshot.builder()
                        .name("process_max_fds")
                        .help("Files and sockets that may be open.")
                        .dataPoint(point((double) count, Labels.EMPTY))
                        .build()));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static CounterDataPointSnapshot point(Counter counter, Labels labels) {
        return CounterDataPointSnapshot.builder()
                .value((double) counter.value())
                .labels(labels)
                .build();
    }

    private static GaugeDataPointSnapshot point(double value, Labels labels) {
        return GaugeDataPointSnapshot.builder().value(value).labels(labels).build();
    }

    private static CounterSnapshot counter(String name, String help, Counter counter) {
        return CounterSnapshot.builder()
                .name(PREFIX + name)
                .help(help)
                .dataPoint(point(counter, Labels.EMPTY))
                .build();
    }

    private static GaugeSnapshot gauge(String name, String help, double value) {
        return GaugeSnapshot.builder()
                .name(PREFIX + name)
                .help(help)
                .dataPoint(point(value, Labels.EMPTY))
                .build();
    }

    private static HistogramSnapshot durations(String name, String help, Durations durations) {
        double[] bounds = Durations.boundsSeconds();
        long[] counts = durations.counts();
        ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
        for (int i = 0; i < bounds.length; i++) buckets.bucket(bounds[i], counts[i]);
        buckets.bucket(Double.POSITIVE_INFINITY, counts[bounds.length]);
        return HistogramSnapshot.builder()
                .name(PREFIX + name)
                .help(help)
                .dataPoint(HistogramDataPointSnapshot.builder()
                        .classicHistogramBuckets(buckets.build())
                        .sum(durations.sumSeconds())
                        .build())
                .build();
    }
}
