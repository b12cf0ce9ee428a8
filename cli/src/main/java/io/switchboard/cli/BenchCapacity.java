package io.switchboard.cli;

import io.switchboard.bench.Plan;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code switchboard bench capacity}: what breaks first. */
@Command(
        name = "capacity",
        description = {
            "Raise the number of connections step by step, then the rate, until something breaks; say what broke, at which figure,",
            "and what to raise: file handles, ports, limits, threads, memory, or another machine."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  switchboard bench capacity",
            "  switchboard bench capacity --connections 20000 --delay-max 100",
            "  switchboard bench capacity --threads 2 --duration 10"
        })
final class BenchCapacity implements Callable<Integer> {
    private final Shell shell;

    @Spec
    private CommandSpec spec = CommandSpec.create(); // replaced by picocli

    @Mixin
    private BenchOptions options = new BenchOptions();

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

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            order = 8,
            description = "Bytes of a message, 48 to 1,048,576. Default: 128.")
    private int size = 128;

    BenchCapacity(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        Plan plan = new Plan.Capacity(connections, subscribers, rate, delayMax, size);
        return options.run(plan, BenchOptions.Lengths.STEP, spec, shell);
    }
}
