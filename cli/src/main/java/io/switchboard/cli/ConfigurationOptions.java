package io.switchboard.cli;

import io.switchboard.server.config.Configuration;
import io.switchboard.server.config.Key;
import io.switchboard.server.config.Keys;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/** The options that {@code serve} and {@code check} share: a file, and a flag for every key. */
final class ConfigurationOptions {
    @Option(
            names = {ServeArguments.CONFIG_SHORT, ServeArguments.CONFIG},
            paramLabel = "FILE",
            order = -2,
            description = {
                "A YAML file with settings; docs/configuration.md lists them.",
                "Default: the file that SWITCHBOARD_CONFIG names, if any."
            })
    private @Nullable Path file;

    Optional<Path> file() {
        return Optional.ofNullable(file);
    }

    /** The flags that were typed, with their values. */
    Map<String, String> flags(CommandSpec command) {
        ParseResult typed = command.commandLine().getParseResult();
        Map<String, String> flags = new LinkedHashMap<>();
        for (Key<?> key : Keys.ALL) {
            if (typed.hasMatchedOption(key.flag())) flags.put(key.flag(), typed.matchedOptionValue(key.flag(), ""));
        }
        return flags;
    }

    /** Reads all sources; tells the mistakes, if there are any, on stderr. */
    Optional<Configuration.Loaded.Good> load(CommandSpec command, Map<String, String> environment) {
        return Sources.load(
                file(), flags(command), environment, command.commandLine().getErr());
    }
}
