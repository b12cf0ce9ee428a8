package io.switchboard.cli;

import io.switchboard.bench.Bench;
import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.Halt;
import io.switchboard.bench.Report;
import io.switchboard.bench.Settings;
import io.switchboard.cli.place.ChannelAddress;
import io.switchboard.cli.place.Failure;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What all modes of {@code bench} share, and how one is run. */
final class BenchOptions {
    @Mixin
    private PlaceOptions place = new PlaceOptions();

    @Option(
            names = "--i-own-this-server",
            order = 53,
            description = "Needed for a server on another machine: a load test of somebody else's is an attack.")
    private boolean owned;

    @Mixin
    private TrustOption trust = new TrustOption();

    @Option(
            names = "--metrics-url",
            paramLabel = "URL",
            order = 55,
            description = {
                "Where the server's figures are, such as http://127.0.0.1:9090/metrics with admin.port.",
                "Default: /metrics at the server."
            })
    private @Nullable URI metrics;

    @Option(
            names = "--threads",
            paramLabel = "N",
            order = 56,
            description = "Event loops of this tool, 1 to 64. Default: 1.")
    private int threads = 1;

    @Option(
            names = "--sources",
            paramLabel = "N",
            order = 57,
            description = {
                "Connect from so many addresses, 127.0.0.2 and up, 1 to 200.",
                "Connections take them in turns. Default: one for each 14,000 connections."
            })
    private @Nullable Integer sources;

    @Option(
            names = "--connect-rate",
            paramLabel = "N",
            order = 58,
            description = "At most N new connections a second, 1 to 50,000. Default: 5000.")
    private int connectRate = 5_000;

    @Option(
            names = {"-d", "--duration"},
            paramLabel = "SECONDS",
            order = 40,
            description = "How long is measured, or held, 1 to 600; of capacity each step. Default: 10; of capacity 3.")
    private @Nullable Integer duration;

    @Option(
            names = "--warmup",
            paramLabel = "SECONDS",
            order = 41,
            description = "Load before that, which is not measured, 0 to 60. Default: 2; of capacity 1.")
    private @Nullable Integer warmup;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            order = 42,
            description =
                    "How long a connection may take to be ready, and the last deliveries to come, 1 to 60. Default: 10.")
    private int timeout = 10;

    @Option(
            names = {"-j", "--json"},
            order = 43,
            description = "Print one JSON object in place of the summary.")
    private boolean json;

    @Mixin
    private Measuring measuring = new Measuring();

    /** The usual lengths of a run. */
    record Lengths(int durationSeconds, int warmupSeconds) {
        static final Lengths RUN = new Lengths(10, 2);
        static final Lengths STEP = new Lengths(3, 1);
    }

    /** Runs a mode to its end, or to Ctrl-C; returns the exit code. */
    int run(BenchMode mode, CommandSpec spec, Shell shell) {
        Notes notes = new Notes(spec.commandLine().getErr(), shell, true);
        try {
            Halt halt = Measuring.haltOnSignal();
            Report report = Bench.run(settings(mode, shell), mode.plan(), measuring.progress(notes), halt);
            notes.clear();
            spec.commandLine().getOut().println(json ? report.json() : report.text());
            spec.commandLine().getOut().flush();
            if (report.isStopped()) return Measuring.INTERRUPTED;
            return report.isGood() ? ExitCode.OK : ExitCode.FAILED;
        } catch (Failure failure) {
            notes.warn(String.valueOf(failure.getMessage()));
            return ExitCode.of(failure);
        } catch (BenchFailure failure) {
            return Measuring.failed(failure, notes);
        }
    }

    private Settings settings(BenchMode mode, Shell shell) throws Failure, BenchFailure {
        Lengths usual = mode.lengths();
        HttpOptions.Chosen http = mode.http();
        return new Settings(
                ChannelAddress.server(place.server(shell)),
                place.credentials(shell).token(),
                trust.file(),
                Optional.ofNullable(metrics),
                owned,
                threads,
                sources == null ? 0 : sources,
                connectRate,
                http.version(),
                http.streams(),
                duration == null ? usual.durationSeconds() : duration,
                warmup == null ? usual.warmupSeconds() : warmup,
                timeout,
                VersionCommand.version());
    }
}
