package io.switchboard.cli;

import io.switchboard.bench.Transport;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code switchboard bench}: what a server and its machine can do. Its modes are loaded only if it is what was typed. */
@Command(
        name = BenchCommand.NAME,
        description = {
            "Measure what a server and its machine can do, and where they break.",
            "Every message that readers get is checked: none lost, none twice, all in order."
        },
        synopsisSubcommandLabel = "MODE",
        footerHeading = "%nExamples:%n",
        footer = {
            "  switchboard bench fanout                                1,000 readers, 50 messages a second",
            "  switchboard bench fanout --transport sse --window 32    as fast as it goes",
            "  switchboard bench connections --connections 10000       what an idle connection costs",
            "  switchboard bench append --rate 5000 --json             for machines",
            "  switchboard bench capacity                              what breaks first, and what to raise",
            "  switchboard bench fanout --help                         its options",
            "",
            "Channels of its own are made below bench/ and removed at the end. docs/bench.md says how to read the figures.",
            "Exit codes: 0 all is well; 1 something was lost or failed, or no server; 2 a mistake in the arguments;",
            "130 Ctrl-C, after a summary of what was measured."
        })
final class BenchCommand implements Runnable {
    static final String NAME = "bench";

    @Spec
    private CommandSpec spec = CommandSpec.create(); // replaced by picocli

    static void addModes(CommandLine bench, Shell shell) {
        bench.addSubcommand(new BenchFanout(shell));
        bench.addSubcommand(new BenchConnections(shell));
        bench.addSubcommand(new BenchEcho(shell));
        bench.addSubcommand(new BenchAppend(shell));
        bench.addSubcommand(new BenchRead(shell));
        bench.addSubcommand(new BenchCapacity(shell));
        bench.registerConverter(Transport.class, typed -> Main.named(typed, Transport.values()));
        bench.registerConverter(
                BenchFanout.PublishBy.class, typed -> Main.named(typed, BenchFanout.PublishBy.values()));
        bench.getSubcommands().values().forEach(mode -> Main.addHelp(mode.getCommandSpec()));
    }

    /** Without a mode there is only the help to show. */
    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
