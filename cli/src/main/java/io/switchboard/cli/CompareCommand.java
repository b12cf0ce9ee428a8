package io.switchboard.cli;

import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.Halt;
import io.switchboard.bench.compare.Compared;
import io.switchboard.bench.compare.Comparison;
import io.switchboard.bench.compare.Workload;
import io.switchboard.bench.own.Front;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code switchboard compare}: what polling, long-poll, SSE and WebSocket cost for one workload, on this machine. */
@Command(
        name = CompareCommand.NAME,
        description = {
            "Run one workload over polling, long-poll, SSE and WebSocket, and lay side by side what each costs.",
            "That is delay, requests, bytes on the wire, processor and heap a viewer, and what coming back takes.",
            "It starts a server of its own on this machine, with real connections to it, and ends it."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  switchboard compare                                       100 viewers, a message a second",
            "  switchboard compare --rate 0.1 --duration 60 --poll-every 1,10",
            "  switchboard compare --tls --rate 20 --html report.html    a page with charts",
            "  switchboard compare --tls --http 2                        as browsers come over HTTPS",
            "  switchboard compare --http 3                              over QUIC, with TLS",
            "  switchboard compare --through nginx-cache --markdown",
            "  switchboard compare --client-rate 2 --json                both sides speak",
            "",
            "It takes --duration for each way, an interval of each poll and about a minute more. docs/compare.md says how to read the figures.",
            "Exit codes: 0 all is well; 1 messages were lost, or the server could not be started; 2 a mistake in the",
            "arguments; 130 Ctrl-C."
        })
final class CompareCommand implements Callable<Integer> {
    static final String NAME = "compare";

    private final Shell shell;

    @Spec
    private CommandSpec spec = CommandSpec.create(); // replaced by picocli

    @Option(
            names = {"-r", "--rate"},
            paramLabel = "N",
            order = 1,
            description = "Messages a second to the channel, 0.01 to 1,000. Default: 1.")
    private double rate = 1;

    @Option(
            names = {"-s", "--size"},
            paramLabel = "BYTES",
            order = 2,
            description = "Bytes of a message, 48 to 65,536. Default: 128.")
    private int size = 128;

    @Option(
            names = {"-n", "--viewers"},
            paramLabel = "N",
            order = 3,
            description = {"Viewers of the channel, 1 to 10,000. Default: 100.", "Times --rate at most 100,000."})
    private int viewers = 100;

    @Option(
            names = "--client-rate",
            paramLabel = "N",
            order = 4,
            description = {
                "Messages a second that each viewer sends himself, to another channel, 0.01 to 100, or 0 for none:",
                "over the WebSocket, else by POST. Times --viewers at most 5,000. Default: 0."
            })
    private double clientRate;

    @Option(
            names = {"-d", "--duration"},
            paramLabel = "SECONDS",
            order = 5,
            description = {
                "How long each way is measured, 1 to 600; with --rate at least 3 messages. Default: 10.",
            })
    private int duration = 10;

    @Option(
            names = {"-p", "--poll-every"},
            paramLabel = "SECONDS",
            split = ",",
            order = 6,
            description = {"How often who polls asks, 0.1 to 60; up to 4, such as 1,5.", "Each is measured. Default: 1."
            })
    private List<Double> pollEvery = List.of(1.0);

    @Option(names = "--tls", order = 7, description = "Over HTTPS, with a certificate that is made for it.")
    private boolean tls;

    @Option(
            names = "--http",
            paramLabel = "N",
            order = 8,
            description = {
                "The version of HTTP that viewers speak, 1 to 3; each on a connection of his own. Without TLS 2 is by prior",
                "knowledge, and 3 is never without TLS. Default: 1."
            })
    private int http = 1;

    @Option(
            names = "--through",
            paramLabel = "NAME",
            order = 9,
            description = {
                "What stands in between: nginx, or nginx-cache, which answers many viewers with one request. It is",
                "started and ended too. Without it a cache is tried for polling and long-poll alone, if nginx is there."
            })
    private @Nullable String through;

    @ArgGroup
    private Form form = new Form();

    @Option(
            names = "--html",
            paramLabel = "FILE",
            order = 10,
            description = "Write a page with charts too, which needs nothing else.")
    private @Nullable String html;

    @Mixin
    private Measuring measuring = new Measuring();

    @Option(names = "--server", hidden = true)
    private @Nullable String server;

    CompareCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        if (server != null) {
            throw wrong("compare measures a server of its own, which it starts and ends. For a server of yours there is"
                    + " switchboard bench.");
        }
        Path page = Measuring.file("--html", html, spec);
        Notes notes = new Notes(spec.commandLine().getErr(), shell, true);
        Halt halt = Measuring.haltOnSignal();
        try {
            Compared compared = Comparison.run(workload(), VersionCommand.version(), measuring.progress(notes), halt);
            notes.clear();
            spec.commandLine().getOut().println(form.of(compared::text, compared::markdown, compared::json));
            spec.commandLine().getOut().flush();
            if (page != null) write(page, compared.html(), notes);
            return compared.isGood() ? ExitCode.OK : ExitCode.FAILED;
        } catch (BenchFailure failure) {
            return Measuring.failed(failure, notes);
        } catch (IOException unwritable) {
            notes.warn("The page could not be written to " + page + ".");
            return ExitCode.FAILED;
        }
    }

    private Workload workload() {
        return new Workload(rate, size, viewers, clientRate, duration, tls, http, front(), pollEvery);
    }

    private Front front() {
        if (through == null) return Front.DIRECT;
        for (Front each : List.of(Front.NGINX, Front.NGINX_CACHE)) {
            if (each.toString().equals(through)) return each;
        }
        throw wrong("--through is nginx or nginx-cache, not " + through + ".");
    }

    private static void write(Path page, String html, Notes notes) throws IOException {
        Files.writeString(page, html);
        notes.note("The page is in " + page + ".");
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(spec.commandLine(), sentence);
    }
}
