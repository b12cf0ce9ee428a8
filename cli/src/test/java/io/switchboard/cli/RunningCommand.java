package io.switchboard.cli;

import io.switchboard.cli.channel.Time;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine;

/** A command on a thread of its own, with what it prints. */
final class RunningCommand implements AutoCloseable {
    final PrintedLines out = new PrintedLines();
    final PrintedLines err = new PrintedLines();
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();
    private final Thread thread;

    private RunningCommand(
            Map<String, String> environment,
            InputStream in,
            Time time,
            Set<Shell.Stream> terminals,
            String... arguments) {
        CommandLine line = Main.commandLine(new Shell(environment, in, out, terminals, time))
                .setOut(writer(out))
                .setErr(writer(err));
        thread = Thread.ofPlatform().daemon().start(() -> exit.complete(line.execute(arguments)));
    }

    private static PrintWriter writer(PrintedLines lines) {
        return new PrintWriter(new OutputStreamWriter(lines, StandardCharsets.UTF_8), true);
    }

    static RunningCommand start(String... arguments) {
        return start("", arguments);
    }

    static RunningCommand start(String in, String[] arguments) {
        return new RunningCommand(Map.of(), TestShell.in(in), Time.REAL, Set.of(), arguments);
    }

    static RunningCommand start(InputStream in, Time time, Set<Shell.Stream> terminals, String... arguments) {
        return new RunningCommand(Map.of(), in, time, terminals, arguments);
    }

    static RunningCommand start(Map<String, String> environment, String... arguments) {
        return new RunningCommand(environment, TestShell.in(""), new HurriedTime(), Set.of(), arguments);
    }

    /** Waits for its end. */
    int exitCode() {
        try {
            return exit.get(20, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("did not end; stderr: " + err.rest(), e);
        }
    }

    /** Has it end, as a signal does. */
    void interrupt() {
        thread.interrupt();
    }

    @Override
    public void close() {
        interrupt();
    }
}
