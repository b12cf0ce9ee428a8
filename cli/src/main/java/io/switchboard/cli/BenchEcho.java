package io.switchboard.cli;

import io.switchboard.bench.Plan;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code switchboard bench echo}: round trips over a WebSocket. */
@Command(
        name = "echo",
        description = {"Send messages over WebSockets that return them, and measure the round trips. Nothing is stored."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  switchboard bench echo --connections 100",
            "  switchboard bench echo --connections 1 --rate 1000",
            "  switchboard bench echo --connections 100 --depth 8"
        })
final class BenchEcho extends BenchMode {
    private static final int RATE_DEPTH = 1_000;

    @Option(
            names = {"-n", "--connections"},
            paramLabel = "N",
            order = 1,
            description = "WebSockets, 1 to 100,000. Default: 100.")
    private int connections = 100;

    @Option(
            names = "--depth",
            paramLabel = "N",
            order = 2,
            description = "Messages under way on each, at most, 1 to 1,000. Default: 1; with a rate 1000.")
    private @Nullable Integer depth;

    @Option(
            names = {"-r", "--rate"},
            paramLabel = "N",
            order = 6,
            description = {
                "Messages a second, all together, 0.1 to 1,000,000, whatever the server does.",
                "Default: the next one as soon as one is back."
            })
    private @Nullable Double rate;

    @Mixin
    private Size size = new Size();

    BenchEcho(Shell shell) {
        super(shell);
    }

    @Override
    Plan plan() {
        // At a rate it is not the tool that waits.
        int most = depth != null ? depth : rate == null ? 1 : RATE_DEPTH;
        return new Plan.Echo(connections, most, optional(rate), size.bytes);
    }
}
