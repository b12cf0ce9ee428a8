package io.switchboard.cli;

import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code switchboard serve}: runs the server until a signal ends it. */
@Command(
        name = "serve",
        description = "Run the server. A flag wins over a SWITCHBOARD_ variable, which wins over the file.",
        abbreviateSynopsis = true)
final class ServeCommand implements Callable<Integer> {
    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create(); // replaced by picocli

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Option(
            names = ServeArguments.DEV_TLS,
            order = -1,
            description = {
                "Speak HTTPS with a certificate for localhost, made in the folder dev-tls beside the data folder.",
                "For development: no client trusts it by itself."
            })
    private boolean devTls;

    ServeCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    /** What was typed. */
    ServeArguments arguments() {
        return new ServeArguments(options.file(), options.flags(spec), devTls);
    }

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        return new Serving(environment, out, err).run(arguments());
    }
}
