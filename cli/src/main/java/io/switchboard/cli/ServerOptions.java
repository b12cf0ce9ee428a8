package io.switchboard.cli;

import io.switchboard.cli.place.Authorities;
import io.switchboard.cli.place.ChannelAddress;
import io.switchboard.cli.place.Failure;
import io.switchboard.cli.place.Passport;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What the commands share that use a channel: where its server is, and which it is. */
final class ServerOptions {
    @Parameters(index = "0", paramLabel = "CHANNEL", description = "The channel's name, such as chat/room-1.")
    private String channel = "";

    @Mixin
    private PlaceOptions place = new PlaceOptions();

    @Mixin
    private TrustOption trust = new TrustOption();

    @Option(
            names = {"-v", "--verbose"},
            order = 52,
            description = "Say what happens on stderr, also where that is no terminal.")
    private boolean verbose;

    ChannelAddress address(Shell shell) throws Failure {
        return ChannelAddress.of(place.server(shell), channel);
    }

    Passport passport(Shell shell) throws Failure {
        Optional<Path> file = trust.file();
        return new Passport(
                place.credentials(shell), file.isEmpty() ? Optional.empty() : Optional.of(Authorities.in(file.get())));
    }

    boolean verbose() {
        return verbose;
    }
}
