package io.switchboard.cli;

import io.switchboard.bench.Plan;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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
final class BenchAppend extends BenchMode {
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

    @Mixin
    private Size size = new Size();

    BenchAppend(Shell shell) {
        super(shell);
    }

    @Override
    Plan plan() {
        return new Plan.Append(connections, channels, binary, optional(rate), size.bytes);
    }
}
