package io.switchboard.cli;

import io.switchboard.cli.client.ChannelAddress;
import io.switchboard.cli.client.Failure;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What the commands share that talk to a server: where it is, and which channel. */
final class ServerOptions {
    private static final String VARIABLE = "SWITCHBOARD_SERVER";
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
            names = {"-v", "--verbose"},
            order = 51,
            description = "Say what happens on stderr, also where that is no terminal.")
    private boolean verbose;

    ChannelAddress address(Shell shell) throws Failure {
        String variable = shell.environment().getOrDefault(VARIABLE, "");
        String byDefault = variable.isEmpty() ? DEFAULT : variable;
        return ChannelAddress.of(server == null ? byDefault : server, channel);
    }

    boolean verbose() {
        return verbose;
    }
}
