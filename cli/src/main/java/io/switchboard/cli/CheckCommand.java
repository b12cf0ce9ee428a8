package io.switchboard.cli;

import io.switchboard.core.channel.Policies;
import io.switchboard.server.StartFailure;
import io.switchboard.server.Switchboard;
import io.switchboard.server.config.Configuration;
import io.switchboard.server.config.Route;
import io.switchboard.server.config.Settings;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code switchboard check}: what a server started with the same options would run with. */
@Command(
        name = "check",
        description = "Say which settings hold and where each comes from, or what is wrong with them; starts nothing.",
        abbreviateSynopsis = true)
final class CheckCommand implements Callable<Integer> {
    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create(); // replaced by picocli

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    CheckCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        Optional<Configuration.Loaded.Good> loaded = options.load(spec, environment);
        if (loaded.isEmpty()) return ExitCode.USAGE;
        try {
            Switchboard.checkFiles(loaded.get().settings());
        } catch (StartFailure failure) {
            spec.commandLine().getErr().println("switchboard: " + failure.getMessage());
            return ExitCode.USAGE;
        }
        print(loaded.get());
        return ExitCode.OK;
    }

    private void print(Configuration.Loaded.Good good) {
        PrintWriter out = spec.commandLine().getOut();
        for (Configuration.Effective effective : good.effective()) {
            out.printf("%-28s %-12s %s%n", effective.key().name(), effective.text(), effective.place());
        }
        Settings settings = good.settings();
        for (Policies.Rule rule : settings.policies().rules()) {
            out.printf("%-28s %s%n", "channels " + rule.pattern().value(), rule.policy());
        }
        for (Route route : settings.routes()) {
            out.printf("%-28s %s %s%n", "route " + route.path(), route.form(), route.channel());
        }
        out.println("The configuration is good.");
    }
}
