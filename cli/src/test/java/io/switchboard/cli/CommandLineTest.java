package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.config.Key;
import io.switchboard.server.config.Keys;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Commands that end by themselves; one that starts a server instead would wait for a signal. */
@Timeout(60)
class CommandLineTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void withoutACommandItShowsWhatThereIs() {
        assertThat(run(Map.of())).isZero();
        assertThat(out.toString()).contains("Usage: switchboard", "serve", "tail", "publish", "check", "version");
    }

    // The list of commands shows the first paragraph of each.
    @Test
    void whatACommandDoesIsAWholeSentence() {
        CommandLine line = Main.commandLine(TestShell.with(Map.of()));
        List<CommandLine> commands = new ArrayList<>(line.getSubcommands().values());
        for (CommandLine each : line.getSubcommands().values()) {
            commands.addAll(each.getSubcommands().values());
        }
        assertThat(commands).hasSizeGreaterThan(15).allSatisfy(CommandLineTest::isWhole);
    }

    private static void isWhole(CommandLine command) {
        if (command.getCommand() instanceof CommandLine.HelpCommand) return;
        assertThat(command.getCommandSpec().usageMessage().description()[0])
                .as(command.getCommandName())
                .endsWith(".");
    }

    @Test
    void helpOfServeListsEveryKeyWithItsDefaultAndRange() {
        assertThat(run(Map.of(), "serve", "--help")).isZero();
        String help = out.toString().replaceAll("\\s+", "");
        for (Key<?> key : Keys.ALL) {
            assertThat(help)
                    .contains(key.flag() + "=VALUE")
                    .contains(key.sentence().replaceAll("\\s+", ""))
                    .contains(
                            ("Default: " + key.byDefault() + ". Allowed: " + key.range() + ".").replaceAll("\\s+", ""));
        }
    }

    @Test
    void checkTellsWhatHoldsAndWhereItComesFrom(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("switchboard.yaml"), "port: 9001\ndrain: 3s\n");
        assertThat(run(Map.of("SWITCHBOARD_HOST", "::1"), "check", "--config", file.toString(), "--port", "9002"))
                .isZero();
        assertThat(out.toString().replaceAll(" +", " "))
                .contains(
                        "port 9002 --port",
                        "drain 3s " + file + ":2",
                        "host ::1 SWITCHBOARD_HOST",
                        "store rocksdb default")
                .contains("The configuration is good.");
    }

    @Test
    void checkReadsTheFileThatTheEnvironmentNames(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("switchboard.yaml"), "prot: 9001\n");
        assertThat(run(Map.of("SWITCHBOARD_CONFIG", file.toString()), "check")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString())
                .isEqualToIgnoringNewLines(file + ":1: prot: There is no such key. Did you mean port?");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void mistakesInTheConfigurationStartNothing() {
        assertThat(run(Map.of("SWITCHBOARD_PORT", "http"), "serve", "--drain", "soon"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err.toString())
                .contains("SWITCHBOARD_PORT: port: \"http\" is not allowed; allowed: 0 to 65535.")
                .contains("--drain: drain: \"soon\" is not allowed; allowed: 0s to 10min.");
    }

    @Test
    void unknownCommandsAndFlagsAreUsageErrorsWithASuggestion() {
        assertThat(run(Map.of(), "sevre")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("There is no sevre. Did you mean serve?");
        assertThat(run(Map.of(), "serve", "--prot", "1")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("There is no --prot. Did you mean --port?");
    }

    @Test
    void portInUseIsASentence(@TempDir Path folder) throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = String.valueOf(taken.getLocalPort());
            assertThat(run(Map.of(), "serve", "--port", port, "--data", folder.toString()))
                    .isEqualTo(ExitCode.FAILED);
            assertThat(err.toString())
                    .startsWith("switchboard: ")
                    .contains(port)
                    .doesNotContain("Exception");
        }
    }

    @Test
    void dataFolderThatCannotBeMadeIsASentence(@TempDir Path folder) throws IOException {
        Path data = Files.writeString(folder.resolve("file"), "not a folder").resolve("data");
        assertThat(run(Map.of(), "serve", "--port", "0", "--data", data.toString()))
                .isEqualTo(ExitCode.FAILED);
        assertThat(err.toString())
                .startsWith("switchboard: ")
                .contains(data.toString())
                .doesNotContain("Exception");
    }

    @Test
    void aCertificateThatCannotBeUsedIsAMistakeInTheConfiguration(@TempDir Path folder) throws IOException {
        Path missing = folder.resolve("missing.pem");
        Path empty = Files.createFile(folder.resolve("empty.pem"));
        for (String command : new String[] {"serve", "check"}) {
            for (Path file : new Path[] {missing, empty}) {
                assertThat(run(
                                Map.of(),
                                command,
                                "--tls-certificate",
                                file.toString(),
                                "--tls-key",
                                file.toString(),
                                "--data",
                                folder.resolve("data").toString()))
                        .isEqualTo(ExitCode.USAGE);
                assertThat(err.toString()).startsWith("switchboard: " + file).doesNotContain("Exception");
                err.getBuffer().setLength(0);
            }
        }
        assertThat(folder.resolve("data")).doesNotExist();
    }

    @Test
    void aCertificateAndOneForDevelopmentDoNotGoTogether(@TempDir Path folder) {
        String file = folder.resolve("c.pem").toString();
        assertThat(run(Map.of(), "serve", "--dev-tls", "--tls-certificate", file, "--tls-key", file))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("take one of both");
    }

    @Test
    void versionNamesTheJavaItRunsOn() {
        assertThat(run(Map.of(), "version")).isZero();
        assertThat(out.toString())
                .contains("switchboard", "Java " + Runtime.version().feature());
    }

    private int run(Map<String, String> environment, String... arguments) {
        CommandLine line = Main.commandLine(TestShell.with(environment));
        return line.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
