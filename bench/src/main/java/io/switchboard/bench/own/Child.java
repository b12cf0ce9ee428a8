package io.switchboard.bench.own;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A process of the tool's own with what it prints, both streams as one; it sees the end of its input when this process ends.
 * One thread starts, waits and ends it; another of this class reads.
 */
final class Child implements AutoCloseable {
    private static final int LINES_MAX = 40;
    private static final int LINES_WAITING_MAX = 1_000;
    private static final long END_SECONDS = 5;
    private static final String ENDED = "";

    private final Process process;
    private final Deque<String> last = new ArrayDeque<>(); // guarded by itself
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>(LINES_WAITING_MAX);

    Child(List<String> command, Path folder) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        // Not with the settings and the token of another server.
        builder.environment().keySet().removeIf(name -> name.startsWith("SWITCHBOARD_"));
        process = builder.start();
        Thread.ofPlatform().daemon().name("child-output").start(this::read);
    }

    private void read() {
        try (BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                synchronized (last) {
                    last.add(line);
                    if (last.size() > LINES_MAX) last.remove();
                }
                if (!line.isEmpty()) lines.offer(line); // nobody looks any more once it is full
            }
        } catch (IOException gone) {
            // told as its end
        }
        lines.offer(ENDED);
    }

    /** Waits for a line of this form; empty if it ended before, or the time is over. */
    Optional<Matcher> await(Pattern form, long seconds) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (true) {
            String line = lines.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (line == null) return Optional.empty();
            if (line.equals(ENDED)) {
                process.waitFor(END_SECONDS, TimeUnit.SECONDS); // its output ends a moment before it does
                return Optional.empty();
            }
            Matcher matcher = form.matcher(line);
            if (matcher.find()) return Optional.of(matcher);
        }
    }

    /** What it printed last, as one text. */
    String lastLines() {
        synchronized (last) {
            return String.join("\n", last);
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Asks it to end, and does not ask twice. */
    @Override
    public void close() {
        process.destroy();
        boolean interrupted = Thread.interrupted();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS))
                process.destroyForcibly().waitFor();
        } catch (InterruptedException hurried) {
            process.destroyForcibly();
            interrupted = true;
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
