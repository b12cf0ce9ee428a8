package io.switchboard.cli;

import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.Plan;
import io.switchboard.bench.Transport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code switchboard bench connections}: what an idle connection costs. */
@Command(
        name = "connections",
        description = {
            "Open connections that read a quiet channel, hold them, and say what each costs the server.",
            "Bytes are told where the server's figures can be read, as the slope behind the first tenth of the connections."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  switchboard bench connections --connections 10000",
            "  switchboard bench connections -n 60000 --sources 3 --duration 30",
            "  switchboard bench connections --transport live --metrics-url http://127.0.0.1:9090/metrics"
        })
final class BenchConnections extends BenchMode {
    @Option(
            names = {"-n", "--connections"},
            paramLabel = "N",
            order = 1,
            description = "How many, 1 to 100,000. Default: 10000.")
    private int connections = 10_000;

    @Option(
            names = {"-t", "--transport"},
            paramLabel = "NAME",
            order = 2,
            description = {
                "How they read: websocket, live (switchboard.v1 on /live), sse, long-poll or poll.",
                "Default: websocket."
            })
    private Transport transport = Transport.WEBSOCKET;

    @Option(
            names = "--poll-every",
            paramLabel = "SECONDS",
            order = 5,
            description = "With poll: how often each asks, 0.1 to 60. Default: 1.")
    private double pollEvery = 1;

    @Mixin
    private HttpOptions http = new HttpOptions();

    BenchConnections(Shell shell) {
        super(shell);
    }

    @Override
    Plan plan() {
        return new Plan.Connections(connections, transport, pollEvery);
    }

    @Override
    HttpOptions.Chosen http() throws BenchFailure {
        return http.chosen();
    }
}
