package io.switchboard.cli;

import io.switchboard.bench.Plan;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code switchboard bench read}: reads by GET. */
@Command(
        name = "read",
        description = {
            "Read by GET on connections that stay: at the tail, where there is nothing new, or the whole channel again and again."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  switchboard bench read --connections 100",
            "  switchboard bench read --rate 2000",
            "  switchboard bench read --catch-up --connections 4 --fill 256"
        })
final class BenchRead implements Callable<Integer> {
    private final Shell shell;

    @Spec
    private CommandSpec spec = CommandSpec.create(); // replaced by picocli

    @Mixin
    private BenchOptions options = new BenchOptions();

    @Option(
            names = {"-n", "--connections"},
            paramLabel = "N",
            order = 1,
            description = "Connections, one request at a time on each, 1 to 100,000. Default: 50.")
    private int connections = 50;

    @Option(
            names = "--catch-up",
            order = 2,
            description = "Read from the beginning to the tail, and begin again; every message is checked.")
    private boolean catchUp;

    @Option(
            names = "--fill",
            paramLabel = "MB",
            order = 3,
            description = "With --catch-up: how much is written beforehand, 1 to 1,024. Default: 64.")
    private int fill = 64;

    @Option(
            names = {"-r", "--rate"},
            paramLabel = "N",
            order = 6,
            description = {
                "Requests a second at the tail, all together, 0.1 to 1,000,000, whatever the server does.",
                "Default: the next one as soon as one is answered."
            })
    private @Nullable Double rate;

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            order = 8,
            description = "Bytes of a message, 48 to 1,048,576. Default: 128.")
    private int size = 128;

    BenchRead(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        Plan plan = new Plan.Read(
                connections, catchUp, fill, rate == null ? OptionalDouble.empty() : OptionalDouble.of(rate), size);
        return options.run(plan, BenchOptions.Lengths.RUN, spec, shell);
    }
}
