package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real process, because signals and exit codes are its own. */
@Tag("slow")
@Timeout(120)
class SignalsTest {
    private static final Pattern ADDRESS = Pattern.compile("http://127\\.0\\.0\\.1:(\\d+)");

    @TempDir
    Path folder = Path.of("");

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP"})
    void signalEndsTheServerInOrder(String signal) throws Exception {
        Process server = serve("--drain", "1s");
        try {
            List<String> greeting = greeting(server);
            assertThat(greeting).anyMatch(line -> line.contains("curl -X PUT"));
            assertThat(greeting).anyMatch(line -> line.contains(folder.toString()));
            try (Socket client = connect(greeting)) {
                assertThat(client.isConnected()).isTrue();
                send(signal, server);
                assertThat(server.waitFor(5, TimeUnit.SECONDS)).as("ended").isTrue();
            }
            assertThat(server.exitValue()).isZero();
        } finally {
            server.destroyForcibly();
        }
    }

    @Test
    void interruptEndsTheServerWithinTwoSecondsWhateverTheDrain() throws Exception {
        Process server = serve("--drain", "10min");
        try {
            try (Socket client = connect(greeting(server))) {
                assertThat(client.isConnected()).isTrue();
                long pressed = System.nanoTime();
                send("INT", server);
                assertThat(server.waitFor(5, TimeUnit.SECONDS)).as("ended").isTrue();
                assertThat(Duration.ofNanos(System.nanoTime() - pressed)).isLessThan(Duration.ofSeconds(2));
            }
            assertThat(server.exitValue()).isZero();
        } finally {
            server.destroyForcibly();
        }
    }

    /** As the kernel does it for Ctrl-C to all in front of a terminal, but to the tool alone: what it started is its own to end. */
    @Test
    void interruptEndsAComparisonWithAllThatItStarted() throws Exception {
        Process compare = start(List.of("-Djava.io.tmpdir=" + folder), List.of("compare", "--duration", "60"))
                .start();
        List<ProcessHandle> started = List.of();
        try (BufferedReader progress = compare.errorReader()) {
            String line = progress.readLine();
            while (line != null && !line.contains("connecting")) line = progress.readLine();
            started = compare.descendants().toList();
            assertThat(started).as("the server: " + line).isNotEmpty();
            send("INT", compare);
            assertThat(compare.waitFor(15, TimeUnit.SECONDS)).as("ended").isTrue();
            assertThat(compare.exitValue()).isEqualTo(130);
            assertThat(progress.lines().toList()).contains("switchboard: Ended before anything was measured.");
            assertThat(started).noneMatch(ProcessHandle::isAlive);
            try (Stream<Path> left = Files.list(folder)) {
                assertThat(left.filter(file -> file.getFileName().toString().startsWith("switchboard-own")))
                        .isEmpty();
            }
        } finally {
            compare.destroyForcibly();
            started.forEach(ProcessHandle::destroyForcibly);
        }
    }

    private Process serve(String... more) throws IOException {
        List<String> arguments = new ArrayList<>(
                List.of("serve", "--port", "0", "--data", folder.resolve("data").toString()));
        arguments.addAll(List.of(more));
        return start(List.of(), arguments)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static ProcessBuilder start(List<String> options, List<String> arguments) {
        List<String> command = new ArrayList<>();
        if (System.getProperty("os.name").equals("Linux")) {
            // What runs in the background of a shell inherits that SIGINT is ignored, what runs under nohup
            // that SIGHUP is, and the JVM respects both.
            command.addAll(List.of("env", "--default-signal"));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(arguments);
        return new ProcessBuilder(command);
    }

    private static List<String> greeting(Process server) throws IOException {
        List<String> lines = new ArrayList<>();
        BufferedReader out = server.inputReader();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            lines.add(line);
            if (line.startsWith("Ctrl-C")) return lines;
        }
        throw new AssertionError("The server ended after " + lines);
    }

    private static Socket connect(List<String> greeting) throws IOException {
        Matcher address = ADDRESS.matcher(String.join("\n", greeting));
        assertThat(address.find()).isTrue();
        return new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(address.group(1)));
    }

    private static void send(String signal, Process server) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + signal, String.valueOf(server.pid())).start();
        assertThat(kill.waitFor(5, TimeUnit.SECONDS)).isTrue();
    }
}
