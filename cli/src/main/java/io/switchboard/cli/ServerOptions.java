package io.switchboard.cli;

import io.switchboard.cli.client.ChannelAddress;
import io.switchboard.cli.client.Credentials;
import io.switchboard.cli.client.Failure;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What the commands share that talk to a server: where it is, and which channel. */
final class ServerOptions {
    private static final String VARIABLE = "SWITCHBOARD_SERVER";
    private static final String TOKEN_VARIABLE = "SWITCHBOARD_TOKEN";
    private static final String DEFAULT = "http://127.0.0.1:8080";

    @Parameters(index = "0", paramLabel = "CHANNEL", description = "The channel's name, such as chat/room-1.")
    private String channel = "";

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
                "A file with the token to show, where the server asks for one; it is read again when it is needed.",
                "Default: the token in SWITCHBOARD_TOKEN. It cannot be an argument: everybody on this machine sees those."
            })
    private @Nullable Path tokenFile;

    @Option(
            names = {"-v", "--verbose"},
            order = 52,
            description = "Say what happens on stderr, also where that is no terminal.")
    private boolean verbose;

    ChannelAddress address(Shell shell) throws Failure {
        String variable = shell.environment().getOrDefault(VARIABLE, "");
        String byDefault = variable.isEmpty() ? DEFAULT : variable;
        return ChannelAddress.of(server == null ? byDefault : server, channel);
    }

    Credentials credentials(Shell shell) throws Failure {
        if (tokenFile != null) return Credentials.in(tokenFile);
        String variable = shell.environment().getOrDefault(TOKEN_VARIABLE, "");
        return variable.isBlank() ? Credentials.NONE : Credentials.of(variable, TOKEN_VARIABLE);
    }

    boolean verbose() {
        return verbose;
    }
}
