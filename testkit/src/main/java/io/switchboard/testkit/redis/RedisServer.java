package io.switchboard.testkit.redis;

import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * A Redis server as a process of its own, on a port of its own, which can be killed, stopped and started again. Unless
 * options say otherwise it keeps nothing on disk. For tests, which are skipped where there is no binary that runs.
 */
public final class RedisServer implements AutoCloseable {
    private static final String VERSION = "7.0.15";
    private static final long WAIT_SECONDS = 30;
    private static final int TIMEOUT_MILLIS = 10_000;

    private static @Nullable Path binary; // guarded by the class

    private final List<String> command;
    private final int port;
    private final String readyLine;
    private @Nullable Process process;

    private RedisServer(List<String> command, int port, String readyLine) {
        this.command = command;
        this.port = port;
        this.readyLine = readyLine;
    }

    /**
     * Starts one that keeps its files, if any, in {@code folder}.
     *
     * @param options as on its command line
     */
    public static RedisServer start(Path folder, String... options) {
        try {
            int port = freePort();
            List<String> command = new ArrayList<>(List.of(
                    binary().toString(),
                    "--port",
                    Integer.toString(port),
                    "--bind",
                    "127.0.0.1",
                    "--dir",
                    folder.toString()));
            command.addAll(List.of("--save", "", "--appendonly", "no"));
            command.addAll(List.of(options));
            RedisServer server = new RedisServer(command, port, "Ready to accept connections");
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts a sentinel that takes {@code primary} for down after half a second and needs nobody else to agree.
     *
     * @param name by which it knows that primary
     */
    public static RedisServer sentinel(Path folder, String name, RedisServer primary) {
        try {
            int port = freePort();
            Path file = Files.createTempFile(folder, "sentinel", ".conf"); // it writes there itself
            Files.writeString(file, """
                    port %1$d
                    bind 127.0.0.1
                    dir "%2$s"
                    sentinel monitor %3$s 127.0.0.1 %4$d 1
                    sentinel down-after-milliseconds %3$s 500
                    sentinel failover-timeout %3$s 10000
                    """.formatted(port, folder, name, primary.port));
            List<String> command = List.of(binary().toString(), file.toString(), "--sentinel");
            RedisServer server = new RedisServer(command, port, "Sentinel ID is");
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    // The binary that Maven brought, unpacked once.
    private static synchronized Path binary() throws IOException {
        Path known = binary;
        if (known != null) return known;
        String system =
                System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("mac") ? "darwin" : "linux";
        String machine = System.getProperty("os.arch", "").equals("aarch64") ? "arm64" : "amd64";
        String name = "redis-server-" + VERSION + "-" + system + "-" + machine;
        Path folder = Files.createTempDirectory("switchboard-redis");
        Path file = folder.resolve("redis-server");
        try (InputStream in = RedisServer.class.getResourceAsStream("/" + name)) {
            Assumptions.assumeTrue(in != null, "there is no " + name + " for this machine");
            if (in != null) Files.copy(in, file);
        }
        folder.toFile().deleteOnExit();
        file.toFile().deleteOnExit();
        Assumptions.assumeTrue(file.toFile().setExecutable(true) && runs(file), name + " does not run on this machine");
        binary = file;
        return file;
    }

    private static boolean runs(Path file) {
        try {
            Process tried = new ProcessBuilder(file.toString(), "--version")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return tried.waitFor(WAIT_SECONDS, TimeUnit.SECONDS) && tried.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Starts it again, with what it kept. */
    public void start() throws IOException {
        Process started = new ProcessBuilder(command).redirectErrorStream(true).start();
        process = started;
        Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
        CompletableFuture<Boolean> ready = new CompletableFuture<>();
        List<String> said = new ArrayList<>();
        Thread reader = new Thread(
                () -> {
                    try (BufferedReader lines = new BufferedReader(
                            new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8))) {
                        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                            if (!ready.isDone()) said.add(line);
                            if (line.contains(readyLine)) ready.complete(true);
                        }
                    } catch (IOException e) {
                        // it was killed
                    }
                    ready.complete(false);
                },
                "redis-output");
        reader.setDaemon(true);
        reader.start();
        try {
            if (ready.get(WAIT_SECONDS, TimeUnit.SECONDS)) return;
        } catch (ExecutionException | TimeoutException e) {
            started.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new IOException("redis-server did not start: " + said);
    }

    public int port() {
        return port;
    }

    public String uri() {
        return "redis://127.0.0.1:" + port;
    }

    /** Makes it a replica of {@code primary}, and waits until it hears what is written there. */
    public void replicate(RedisServer primary) {
        ask("REPLICAOF 127.0.0.1 " + primary.port);
        RedisCluster.await("it is no replica", () -> ask("INFO replication").contains("master_link_status:up"));
        primary.ask("SET heard " + port); // a stream of its own begins only with the replica's first word
        RedisCluster.await("it hears nothing", () -> ask("GET heard").equals(Integer.toString(port)));
        primary.ask("DEL heard");
    }

    /** Kills it: what it has not written is lost. */
    public void kill() {
        Process running = process;
        if (running == null) return;
        process = null;
        running.destroyForcibly();
        try {
            if (!running.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)) throw new IllegalStateException("it does not die");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops it in the middle of what it does; its connections stay. */
    public void pause() {
        signal("STOP");
    }

    public void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        Process running = process;
        if (running == null) throw new IllegalStateException("it does not run");
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(running.pid())).start();
            if (kill.waitFor() != 0) throw new IllegalStateException("kill -" + name + " failed");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What it says to a command without spaces in its arguments; of a list, the first element. */
    public String ask(String line) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
            return reply(new DataInputStream(socket.getInputStream()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String reply(DataInputStream in) throws IOException {
        String head = line(in);
        return switch (head.charAt(0)) {
            case '$' -> {
                int length = Integer.parseInt(head.substring(1));
                yield length < 0 ? "" : new String(in.readNBytes(length), StandardCharsets.UTF_8);
            }
            case '*' -> head.equals("*0") ? "" : reply(in);
            case '-' -> throw new IOException(head.substring(1));
            default -> head.substring(1);
        };
    }

    private static String line(DataInputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.readUnsignedByte(); c != '\r'; c = in.readUnsignedByte()) line.append((char) c);
        in.readUnsignedByte();
        return line.toString();
    }

    @Override
    public void close() {
        kill();
    }
}
