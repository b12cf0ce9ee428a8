package io.switchboard.cli;

import io.switchboard.cli.place.Credentials;
import io.switchboard.cli.place.Failure;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What all commands share that talk to a server: where it is, and the token for it. */
final class PlaceOptions {
    private static final String VARIABLE = "SWITCHBOARD_SERVER";
    private static final String DEFAULT = "http://127.0.0.1:8080";

    @Option(
            names = {"-s", "--server"},
            paramLabel = "URL",
            order = 50,
            description = {"Where the server is.", "Default: SWITCHBOARD_SERVER, or " + DEFAULT + " without it."})
    private @Nullable String server;

    @Mixin
    private TokenOption token = new TokenOption();

    /** As it was typed. */
    String server(Shell shell) {
        if (server != null) return server;
        String variable = shell.environment().getOrDefault(VARIABLE, "");
        return variable.isEmpty() ? DEFAULT : variable;
    }

    Credentials credentials(Shell shell) throws Failure {
        return token.credentials(shell);
    }
}
