package io.switchboard.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whom to believe over TLS, for every command that looks at certificates. */
final class TrustOption {
    @Option(
            names = "--ca-file",
            paramLabel = "FILE",
            order = 54,
            description = {
                "A PEM file with the certificates to trust, in place of the system's.",
                "For serve --dev-tls it is dev-tls/certificate.pem."
            })
    private @Nullable Path file;

    /** Empty for the system's. */
    Optional<Path> file() {
        return Optional.ofNullable(file);
    }
}
