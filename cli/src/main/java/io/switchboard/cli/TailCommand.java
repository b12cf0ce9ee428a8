package io.switchboard.cli;

import io.switchboard.cli.channel.Follower;
import io.switchboard.cli.channel.Kind;
import io.switchboard.cli.channel.Start;
import io.switchboard.cli.channel.Tail;
import io.switchboard.cli.channel.Transport;
import io.switchboard.cli.place.ChannelAddress;
import io.switchboard.cli.place.Failure;
import io.switchboard.cli.place.Passport;
import io.switchboard.client.Message;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code switchboard tail}: prints the messages of a channel as they come. */
@Command(
        name = "tail",
        description = {
            "Print the messages of a channel as they come, until it is closed.",
            "Reconnects by itself and goes on where it stopped: nothing is lost or printed twice."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  switchboard tail demo                    what is published from now on",
            "  switchboard tail demo --from -1          everything, and then what comes",
            "  switchboard tail demo --last 10          the newest ten, and then what comes",
            "  switchboard tail demo --json | jq .data  with offset, one object a line",
            "  switchboard tail demo --from OFFSET      after the message with this offset",
            "  switchboard tail demo --last 1 --count 1 the newest message, and end",
            "",
            "A message that is bytes is printed raw, or in base64 to a terminal and with --json.",
            "Exit codes: 0 closed, counted or nobody reads on; 1 refused, also for the token; 2 a mistake in the arguments;",
            "3 no server; 4 no such channel; 5 deleted, or the offset is gone; 130 Ctrl-C."
        })
final class TailCommand implements Callable<Integer> {
    private static final int LAST_MAX = 10_000;

    private final Shell shell;

    @Spec
    private CommandSpec spec = CommandSpec.create(); // replaced by picocli

    @Mixin
    private ServerOptions options = new ServerOptions();

    @Option(
            names = {"-f", "--from"},
            paramLabel = "-1|now|OFFSET",
            order = 1,
            description = "Where to begin: at the beginning, now, or after a message. Default: now.")
    private @Nullable String from;

    @Option(
            names = {"-n", "--last"},
            paramLabel = "N",
            order = 2,
            description = "Begin with the newest N messages, 1 to " + LAST_MAX + ".")
    private @Nullable Integer last;

    @Option(
            names = {"-c", "--count"},
            paramLabel = "N",
            order = 3,
            description = "End after N messages.")
    private @Nullable Long count;

    @Option(
            names = {"-j", "--json"},
            order = 4,
            description = "Print objects with channel, offset and data (or base64), one a line.")
    private boolean json;

    @Option(
            names = {"-t", "--transport"},
            paramLabel = "NAME",
            order = 5,
            description = "sse, long-poll, poll or websocket. Default: sse.")
    private Transport transport = Transport.SSE;

    TailCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws InterruptedException {
        Notes notes = new Notes(spec.commandLine().getErr(), shell, options.verbose());
        try {
            Passport passport = options.passport(shell);
            Start start = start();
            ChannelAddress address = options.address(shell);
            MessagePrinter printer =
                    new MessagePrinter(shell.out(), address.channel(), json, shell.isTerminal(Shell.Stream.OUT));
            Printing printing = new Printing(printer, notes, address, count == null ? Long.MAX_VALUE : count);
            new Tail(address, passport, transport, printing).run(start);
            return ExitCode.OK;
        } catch (Failure failure) {
            notes.warn(String.valueOf(failure.getMessage()));
            return ExitCode.of(failure);
        }
    }

    private Start start() throws Failure {
        if (from != null && last != null) throw wrong("Give --from or --last, not both.");
        if (count != null && count < 1) throw wrong("--count is 1 or more.");
        if (last == null) return Start.parse(from == null ? "now" : from);
        if (last < 1 || last > LAST_MAX)
            throw wrong("--last is 1 to " + LAST_MAX + "; for all there is say --from -1.");
        return new Start.Last(last);
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(spec.commandLine(), sentence);
    }

    private static final class Printing implements Follower {
        private final MessagePrinter printer;
        private final Notes notes;
        private final ChannelAddress address;
        private long left;

        Printing(MessagePrinter printer, Notes notes, ChannelAddress address, long left) {
            this.printer = printer;
            this.notes = notes;
            this.address = address;
            this.left = left;
        }

        @Override
        public boolean message(Message message, Kind kind) {
            left--;
            return printer.print(message, kind) && left > 0;
        }

        @Override
        public boolean idle() {
            return printer.flush();
        }

        @Override
        public void connected() {
            notes.note("Connected to " + address.channel() + " at " + address.server() + ".");
        }

        @Override
        public void away(Duration duration) {
            notes.note("Not connected; trying again in " + Notes.seconds(duration) + ".");
        }

        @Override
        public void gap(String from, String to) {
            notes.warn("Messages are missing: those after " + from + " are gone; going on after " + to + ".");
        }

        @Override
        public void closed() {
            notes.note("The channel is closed; that was its last message.");
        }
    }
}
