package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Lines are split at blanks here; a shell has done so before. */
class ServeArgumentsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "serve",
                "serve --port 0",
                "serve --port=0 --store memory",
                "serve --config file.yaml",
                "serve -c file.yaml --dev-tls",
                "serve --dev-tls --data=a=b",
                "serve --limits-connections 6000 --auth-open=network --live-long-poll-timeout 100ms",
                "serve --data tail --drain soon",
                "serve --data @file --host ${HOST}",
            })
    void whatIsPlainMeansWhatPicocliSays(String line) {
        String[] arguments = line.split(" ");
        CommandLine picocli = Main.commandLine(TestShell.with(Map.of()));
        picocli.parseArgs(arguments);
        CommandLine typed = Objects.requireNonNull(picocli.getSubcommands().get("serve"));
        ServeCommand serve = typed.getCommand();
        assertThat(ServeArguments.plain(arguments)).contains(serve.arguments());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--help",
                "tail demo",
                "Serve",
                "serve --help",
                "serve -h",
                "serve demo",
                "serve --port",
                "serve --port=",
                "serve --port --dev-tls",
                "serve --port -1",
                "serve --prot 1",
                "serve --port 1 --port 2",
                "serve --port 1 --port=1",
                "serve --dev-tls --dev-tls",
                "serve --dev-tls=true",
                "serve --config a -c b",
                "serve -cfile.yaml",
                "serve --port 1 -- --dev-tls",
                "serve --config \0",
            })
    void theRestIsLeftToPicocli(String line) {
        assertThat(ServeArguments.plain(line.split(" "))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--config", "-c"})
    void theFileIsNamedEitherWay(String flag) {
        assertThat(ServeArguments.plain("serve", flag, "a.yaml"))
                .contains(new ServeArguments(Optional.of(Path.of("a.yaml")), Map.of(), false));
    }
}
