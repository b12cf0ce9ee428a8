package io.switchboard.cli;

import io.switchboard.cli.channel.Transport;
import io.switchboard.server.config.Key;
import io.switchboard.server.config.Keys;
import io.switchboard.server.config.Suggestion;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The entry point: finds the command that was typed, runs it, and ends the process with its exit code. */
@Command(
        name = "switchboard",
        description = "A live-data server: a channel is one URL, read by plain GET, long-poll or an event stream.",
        subcommands = {
            ServeCommand.class,
            TailCommand.class,
            PublishCommand.class,
            CheckCommand.class,
            DoctorCommand.class,
            AdviseCommand.class,
            BenchCommand.class,
            CompareCommand.class,
            ClaimsCommand.class,
            KeysCommand.class,
            TokenCommand.class,
            VersionCommand.class,
            CommandLine.HelpCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Begin with: switchboard serve", "Options of a command: switchboard help serve"})
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create(); // replaced by picocli

    private Main() {}

    public static void main(String... arguments) {
        // Who starts a server does not wait for the load tool to be loaded.
        boolean bench = Arrays.asList(arguments).contains(BenchCommand.NAME);
        int code = ExitCode.FAILED;
        try {
            code = commandLine(Shell.ofProcess(), bench).execute(arguments);
        } catch (Error ours) { // threads of a server that was being started would keep the process
            LoggerFactory.getLogger(Main.class).error("It ended by a fault of its own", ours);
        }
        System.exit(code);
    }

    static CommandLine commandLine(Shell shell) {
        return commandLine(shell, true);
    }

    private static CommandLine commandLine(Shell shell, boolean withModesOfBench) {
        CommandLine.IFactory factory = new CommandLine.IFactory() {
            @Override
            public <K> K create(Class<K> type) throws Exception {
                if (type == ServeCommand.class) return type.cast(new ServeCommand(shell.environment()));
                if (type == CheckCommand.class) return type.cast(new CheckCommand(shell.environment()));
                if (type == TailCommand.class) return type.cast(new TailCommand(shell));
                if (type == PublishCommand.class) return type.cast(new PublishCommand(shell));
                if (type == DoctorCommand.class) return type.cast(new DoctorCommand(shell));
                if (type == AdviseCommand.class) return type.cast(new AdviseCommand(shell));
                if (type == CompareCommand.class) return type.cast(new CompareCommand(shell));
                if (type == ClaimsCommand.class) return type.cast(new ClaimsCommand(shell));
                return CommandLine.defaultFactory().create(type);
            }
        };
        CommandLine line = new CommandLine(new Main(), factory);
        CommandLine bench = line.getSubcommands().get(BenchCommand.NAME);
        if (bench != null && withModesOfBench) BenchCommand.addModes(bench, shell);
        line.setUsageHelpAutoWidth(true);
        line.setExpandAtFiles(false); // "@ann" is a message
        line.registerConverter(Transport.class, typed -> named(typed, Transport.values()));
        for (String name : new String[] {"serve", "check"}) {
            CommandLine command = line.getSubcommands().get(name);
            if (command != null) addSettings(command.getCommandSpec());
        }
        addHelp(line.getCommandSpec());
        line.getSubcommands().values().forEach(command -> addHelp(command.getCommandSpec()));
        line.setParameterExceptionHandler(Main::refuse);
        return line;
    }

    /** Without a command there is only the help to show. */
    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    static void addHelp(CommandSpec command) {
        if (command.userObject() instanceof CommandLine.HelpCommand) return;
        command.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .order(-1)
                .description("Show this help.")
                .build());
    }

    /** What is typed as it is shown. */
    static <E extends Enum<E>> E named(String typed, E[] all) {
        for (E one : all) if (one.toString().equals(typed)) return one;
        throw new TypeConversionException("there are " + Arrays.toString(all));
    }

    /** Every key of the configuration is an option, in one group of the help a section. */
    private static void addSettings(CommandSpec command) {
        Map<String, ArgGroupSpec.Builder> groups = new LinkedHashMap<>();
        for (Key<?> key : Keys.ALL) {
            ArgGroupSpec.Builder group = groups.computeIfAbsent(key.section(), section -> ArgGroupSpec.builder()
                    .heading(section.isEmpty() ? "%nSettings:%n" : "%nSettings, " + section + ":%n")
                    .validate(false)
                    .order(groups.size() + 1)
                    .multiplicity("0..1"));
            group.addArg(OptionSpec.builder(key.flag())
                    .type(String.class)
                    .paramLabel("VALUE")
                    .description(
                            literal(key.sentence()),
                            literal("Default: " + key.byDefault() + ". Allowed: " + key.range() + "."))
                    .order(group.args().size())
                    .build());
        }
        groups.values().forEach(group -> command.addArgGroup(group.build()));
    }

    /** Picocli reads descriptions as formats and looks for variables in them. */
    private static String literal(String text) {
        return text.replace("%", "%%").replace("$", "$$");
    }

    /** A sentence, not a page of help: the page would push the sentence off the screen. */
    private static int refuse(ParameterException refused, String[] arguments) {
        CommandLine command = refused.getCommandLine();
        if (refused instanceof UnmatchedArgumentException unmatched) {
            String first = unmatched.getUnmatched().getFirst();
            Set<String> known = first.startsWith("-")
                    ? command.getCommandSpec().optionsMap().keySet()
                    : command.getSubcommands().keySet();
            command.getErr().println("switchboard: There is no " + first + "." + Suggestion.near(first, known));
        } else {
            command.getErr().println("switchboard: " + refused.getMessage());
        }
        command.getErr().println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
        return ExitCode.USAGE;
    }
}
