package io.switchboard.cli;

import io.switchboard.bench.Plan;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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
final class BenchRead extends BenchMode {
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

    @Mixin
    private Size size = new Size();

    BenchRead(Shell shell) {
        super(shell);
    }

    @Override
    Plan plan() {
        return new Plan.Read(connections, catchUp, fill, optional(rate), size.bytes);
    }
}
