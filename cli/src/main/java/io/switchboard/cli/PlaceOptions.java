package io.switchboard.cli;

import io.switchboard.cli.place.Credentials;
import io.switchboard.cli.place.Failure;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What all commands share that talk to a server: where it is, and the token for it. */
final class PlaceOptions {
    private static final String VARIABLE = "SWITCHBOARD_SERVER";
    private static final String TOKEN_VARIABLE = "SWITCHBOARD_TOKEN";
    private static final String DEFAULT = "http://127.0.0.1:8080";

    @Option(
            names = {"-s", "--server"},
            paramLabel = "URL",
            order = 50,
            description = {"Where the server is.", "Default: SWITCHBOARD_SERVER, or " + DEFAULT + " without it."})
    private @Nullable String server;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            order = 51,
            description = {
                "A file with the token to show, where the server asks for one. bench reads it once, the others when they need it.",
                "Default: the token in SWITCHBOARD_TOKEN. It cannot be an argument: everybody on this machine sees those."
            })
    private @Nullable Path tokenFile;

    /** As it was typed. */
    String server(Shell shell) {
        if (server != null) return server;
        String variable = shell.environment().getOrDefault(VARIABLE, "");
        return variable.isEmpty() ? DEFAULT : variable;
    }

    Credentials credentials(Shell shell) throws Failure {
        return credentials(tokenFile, shell);
    }

    /** @param tokenFile where the token is; null if it can only be in the environment */
    static Credentials credentials(@Nullable Path tokenFile, Shell shell) throws Failure {
        if (tokenFile != null) return Credentials.in(tokenFile);
        String variable = shell.environment().getOrDefault(TOKEN_VARIABLE, "");
        return variable.isBlank() ? Credentials.NONE : Credentials.of(variable, TOKEN_VARIABLE);
    }
}
