package io.switchboard.cli;

import io.switchboard.bench.Plan;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code switchboard bench capacity}: what breaks first. */
@Command(
        name = "capacity",
        description = {
            "Raise the number of connections step by step, then the rate, until something breaks, and say what to raise.",
            "It tells what broke, and at which figure: file handles, ports, limits, threads, memory, or the machine itself."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  switchboard bench capacity",
            "  switchboard bench capacity --connections 20000 --delay-max 100",
            "  switchboard bench capacity --threads 2 --duration 10"
        })
final class BenchCapacity extends BenchMode {
    @Option(
            names = {"-n", "--connections"},
            paramLabel = "N",
            order = 1,
            description = "Connections tried, at most, 1 to 100,000. Default: 100000.")
    private int connections = 100_000;

    @Option(
            names = "--subscribers",
            paramLabel = "N",
            order = 2,
            description = "Readers of the channel whose rate is raised, at most, 1 to 100,000. Default: 1000.")
    private int subscribers = 1_000;

    @Option(
            names = {"-r", "--rate"},
            paramLabel = "N",
            order = 6,
            description = "Messages a second tried, at most, 0.1 to 1,000,000. Default: 20000.")
    private double rate = 20_000;

    @Option(
            names = "--delay-max",
            paramLabel = "MS",
            order = 7,
            description = "A p99 of the delays beyond this counts as broken, 1 to 60,000. Default: 250.")
    private int delayMax = 250;

    @Mixin
    private Size size = new Size();

    BenchCapacity(Shell shell) {
        super(shell);
    }

    @Override
    Plan plan() {
        return new Plan.Capacity(connections, subscribers, rate, delayMax, size.bytes);
    }

    @Override
    BenchOptions.Lengths lengths() {
        return BenchOptions.Lengths.STEP;
    }
}
