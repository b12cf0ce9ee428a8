package io.switchboard.cli;

import io.switchboard.cli.channel.Publisher;
import io.switchboard.cli.place.ChannelAddress;
import io.switchboard.cli.place.Failure;
import io.switchboard.cli.place.Passport;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code switchboard publish}: appends messages to a channel. */
@Command(
        name = "publish",
        description = {
            "Append messages to a channel: arguments, or without any the lines of stdin.",
            "What is sent again because an answer was lost is stored once."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  switchboard publish --create demo '{\"hello\":\"world\"}'",
            "  switchboard publish --create --type text/plain log/app < app.log",
            "  seq 100 | switchboard publish demo --rate 10",
            "  switchboard publish demo --close         in a terminal: only close it",
            "  switchboard publish demo -- -5           a message that looks like an option",
            "",
            "Exit codes: 0 all is stored; 1 refused; 2 a mistake in the arguments or in a line;",
            "3 no server; 4 no such channel; 5 deleted; 130 Ctrl-C."
        })
final class PublishCommand implements Callable<Integer> {
    private static final double RATE_MAX = 1_000_000;
    private static final int PRODUCER_LENGTH_MAX = 256;

    private final Shell shell;

    @Spec
    private CommandSpec spec = CommandSpec.create(); // replaced by picocli

    @Mixin
    private ServerOptions options = new ServerOptions();

    @Parameters(
            index = "1..*",
            paramLabel = "MESSAGE",
            description = "Messages, an append each. Without any: the lines of stdin, but blank ones.")
    private List<String> messages = List.of();

    @Option(
            names = {"-r", "--rate"},
            paramLabel = "N",
            order = 1,
            description = "At most N messages a second, such as 10 or 0.5. Default: as fast as it goes.")
    private @Nullable Double rate;

    @Option(
            names = {"-t", "--type"},
            paramLabel = "TYPE",
            order = 2,
            description = "The content type. Default: that of the channel, application/json for a new one.")
    private @Nullable String type;

    @Option(names = "--create", order = 3, description = "Create the channel if it is missing.")
    private boolean create;

    @Option(names = "--close", order = 4, description = "Close the channel at the end: it takes no more messages.")
    private boolean close;

    @Option(
            names = "--producer",
            paramLabel = "NAME",
            order = 5,
            description = "Publish under this name; a later run with it ends an earlier one. Default: any.")
    private @Nullable String producer;

    PublishCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (rate != null && !(rate > 0 && rate <= RATE_MAX)) throw wrong("--rate is more than 0, at most 1000000.");
        if (producer != null && !producer.matches("[!-~]{1," + PRODUCER_LENGTH_MAX + "}")) {
            throw wrong("--producer is 1 to " + PRODUCER_LENGTH_MAX + " characters of ASCII without blanks.");
        }
        Notes notes = new Notes(spec.commandLine().getErr(), shell, options.verbose());
        Summary summary = new Summary(notes, shell.time());
        try {
            Passport passport = options.passport(shell);
            ChannelAddress address = options.address(shell);
            try (Publisher publisher =
                    new Publisher(address, passport, Optional.ofNullable(producer), shell.time(), summary)) {
                publisher.open(Optional.ofNullable(type), create);
                publish(publisher, rate == null ? 0 : rate);
                if (close) publisher.closeChannel();
            }
            notes.note(summary.sentence(address.channel()) + (close ? " It is closed now." : ""));
            return ExitCode.OK;
        } catch (Failure failure) {
            notes.warn(failure.getMessage() + summary.soFar());
            return ExitCode.of(failure);
        }
    }

    private void publish(Publisher publisher, double perSecond) throws Failure, InterruptedException {
        if (!messages.isEmpty()) {
            publisher.publish(messages, perSecond);
        } else if (!close || !shell.isTerminal(Shell.Stream.IN)) {
            publisher.publish(shell.in(), perSecond);
        }
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(spec.commandLine(), sentence);
    }
}
