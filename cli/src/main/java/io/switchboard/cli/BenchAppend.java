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

/** {@code switchboard bench append}: appends by POST. */
@Command(
        name = "append",
        description = {"Append by POST on connections that stay, and measure how long each answer takes."},
        footerHeading = "%nExamples:%n",
        footer = {
            "  switchboard bench append",
            "  switchboard bench append --rate 5000 --connections 200 --channels 100",
            "  switchboard bench append --binary --size 4096"
        })
final class BenchAppend implements Callable<Integer> {
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
            names = {"-c", "--channels"},
            paramLabel = "N",
            order = 2,
            description = "Channels that they write to in turn, 1 to 1,000. Default: 1.")
    private int channels = 1;

    @Option(names = "--binary", order = 3, description = "Bytes in place of JSON.")
    private boolean binary;

    @Option(
            names = {"-r", "--rate"},
            paramLabel = "N",
            order = 6,
            description = {
                "Requests a second, all together, 0.1 to 1,000,000, whatever the server does.",
                "Default: the next one as soon as one is answered."
            })
    private @Nullable Double rate;

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            order = 8,
            description = "Bytes of a message, 48 to 1,048,576. Default: 128.")
    private int size = 128;

    BenchAppend(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        Plan plan = new Plan.Append(
                connections, channels, binary, rate == null ? OptionalDouble.empty() : OptionalDouble.of(rate), size);
        return options.run(plan, BenchOptions.Lengths.RUN, spec, shell);
    }
}
