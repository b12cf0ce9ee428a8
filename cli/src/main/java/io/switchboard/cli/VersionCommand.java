package io.switchboard.cli;

import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code switchboard version}: which build this is, and on what it runs. */
@Command(name = "version", description = "Say which version this is.")
final class VersionCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create(); // replaced by picocli

    @Override
    public void run() {
        spec.commandLine().getOut().println("switchboard " + version() + ", Java " + Runtime.version());
    }

    static String version() {
        return Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
                .orElse("(not built by Maven)");
    }
}
