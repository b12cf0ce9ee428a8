package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    private Process serve(String... more) throws IOException {
        List<String> command = new ArrayList<>();
        if (System.getProperty("os.name").equals("Linux")) {
            // What runs in the background of a shell inherits that SIGINT is ignored, what runs under nohup
            // that SIGHUP is, and the JVM respects both.
            command.addAll(List.of("env", "--default-signal"));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "serve",
                "--port",
                "0",
                "--data",
                folder.resolve("data").toString()));
        command.addAll(List.of(more));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
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
