package io.switchboard.cli;

import io.switchboard.server.config.Configuration;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Where a server's settings come from: a file, variables and flags. */
final class Sources {
    private static final String FILE_VARIABLE = "SWITCHBOARD_CONFIG";

    private Sources() {}

    /**
     * Reads them all; tells the mistakes, if there are any, to {@code err}.
     *
     * @param file the one that was typed
     * @param flags values by flag, dashes included
     */
    static Optional<Configuration.Loaded.Good> load(
            Optional<Path> file, Map<String, String> flags, Map<String, String> environment, PrintWriter err) {
        String named = environment.getOrDefault(FILE_VARIABLE, "");
        Optional<Path> chosen = file.isEmpty() && !named.isEmpty() ? Optional.of(Path.of(named)) : file;
        Configuration.Loaded loaded = Configuration.load(chosen, environment, flags);
        if (loaded instanceof Configuration.Loaded.Bad bad) bad.problems().forEach(err::println);
        return loaded instanceof Configuration.Loaded.Good good ? Optional.of(good) : Optional.empty();
    }
}
