package io.switchboard.cli;

import io.switchboard.cli.place.Credentials;
import io.switchboard.cli.place.Failure;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The token to show to a server, for every command that asks one. */
final class TokenOption {
    private static final String VARIABLE = "SWITCHBOARD_TOKEN";

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            order = 51,
            description = {
                "A file with the token to show, where the server asks for one. bench reads it once, the others when they need it.",
                "Default: the token in SWITCHBOARD_TOKEN. It cannot be an argument: everybody on this machine sees those."
            })
    private @Nullable Path file;

    Credentials credentials(Shell shell) throws Failure {
        if (file != null) return Credentials.in(file);
        String variable = shell.environment().getOrDefault(VARIABLE, "");
        return variable.isBlank() ? Credentials.NONE : Credentials.of(variable, VARIABLE);
    }
}
