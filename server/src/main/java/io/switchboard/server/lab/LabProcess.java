package io.switchboard.server.lab;

import io.switchboard.http.lab.Lab;
import io.switchboard.http.lab.Wish;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plays the {@link Lab} with one process at most, made of this program's own Java and class path. Wishes are kept and handed on
 * by a thread of its own, the newest only; another reads what the process tells.
 */
public final class LabProcess implements Lab, AutoCloseable {
    /** The program, in the load tool: which the server does not know, and may be without. */
    private static final String MAIN = "io.switchboard.bench.lab.Program";

    /** Memory for 10,000 viewers and what is under way in the relay. */
    private static final List<String> OPTIONS = List.of(
            "-Xmx384m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dio.netty.jfr.enabled=false");

    /** With nobody to look for so long it ends. */
    public static final long UNSEEN_MILLIS = 60_000;

    private static final long TICK_MILLIS = 1_000;
    private static final int FIGURES_LENGTH_MAX = 16 * 1024;
    private static final Logger LOG = LoggerFactory.getLogger(LabProcess.class);

    private final InetSocketAddress server;
    private final long unseenNanos;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("lab").unstarted(task));

    private volatile long lookedNanos = System.nanoTime();
    private volatile Wanted wanted = Wanted.NOTHING;
    private volatile boolean failed;
    private volatile boolean closed;
    private volatile @Nullable Running running;
    private boolean ticking; // the thread

    /** What was wished last, and with which token. */
    private record Wanted(Wish wish, @Nullable String token) {
        static final Wanted NOTHING = new Wanted(Wish.NOTHING, null);

        // How the process takes it; the token goes this way and no other.
        String line() {
            return String.format(
                    Locale.ROOT,
                    "relay=%s delay=%d loss=%s strip=%s plug=%s viewers=%d carrier=%s poll=%d channel=%s%s\n",
                    word(wish.relay()),
                    wish.delayMillis(),
                    wish.lossPercent(),
                    word(wish.stripUpgrade()),
                    word(wish.plugged()),
                    wish.viewers(),
                    wish.carrier(),
                    wish.pollMillis(),
                    wish.channel().value(),
                    token == null ? "" : " token=" + token);
        }

        private static String word(boolean on) {
            return on ? "on" : "off";
        }

        @Override
        public String toString() {
            return wish.toString();
        }
    }

    // A process and the newest of what it told.
    private static final class Running {
        final Process process;
        volatile @Nullable String figures;

        Running(Process process) {
            this.process = process;
        }
    }

    /** @param server where the process finds it */
    public LabProcess(InetSocketAddress server) {
        this(server, UNSEEN_MILLIS);
    }

    LabProcess(InetSocketAddress server, long unseenMillis) {
        this.server = server;
        this.unseenNanos = TimeUnit.MILLISECONDS.toNanos(unseenMillis);
    }

    /** Whether the program is there to be started. */
    public static boolean isThere() {
        return LabProcess.class.getResource("/" + MAIN.replace('.', '/') + ".class") != null;
    }

    @Override
    public Sight look() {
        lookedNanos = System.nanoTime();
        Running now = running;
        String figures = now == null ? null : now.figures;
        Wanted held = wanted;
        Stage stage = failed
                ? Stage.FAILED
                : figures != null ? Stage.RUNNING : held.wish().isNothing() ? Stage.RESTING : Stage.STARTING;
        return new Sight(stage, held.wish(), figures);
    }

    @Override
    public void become(Wish wish, @Nullable String token) {
        lookedNanos = System.nanoTime();
        wanted = new Wanted(wish, token);
        failed = false;
        try {
            thread.execute(this::handOn);
        } catch (RejectedExecutionException closing) {
            // The server goes down, and takes no wishes any more.
        }
    }

    // The newest wish, to a process that is started if there is none and it takes one.
    private void handOn() {
        if (closed) return;
        Wanted newest = wanted;
        try {
            Running now = running;
            if (now == null || !now.process.isAlive()) {
                if (newest.wish().isNothing()) return;
                now = start();
            }
            OutputStream in = now.process.getOutputStream();
            in.write(newest.line().getBytes(StandardCharsets.US_ASCII));
            in.flush();
        } catch (IOException refused) {
            LOG.warn("The lab's process cannot be started or has ended: {}", refused.toString());
            fail();
        }
        if (!ticking) {
            ticking = true;
            thread.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private Running start() throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> command = new ArrayList<>(List.of(java.toString()));
        command.addAll(OPTIONS);
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                MAIN,
                server.getAddress().getHostAddress(),
                Integer.toString(server.getPort())));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        Running started = new Running(builder.start());
        running = started;
        Thread.ofPlatform().daemon().name("lab-figures").start(() -> listen(started));
        if (closed) end(started); // told so meanwhile, it may have seen none to end
        return started;
    }

    private static void listen(Running started) {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(started.process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                // What is no figures is the JVM's own word.
                if (line.startsWith("{") && line.length() <= FIGURES_LENGTH_MAX) started.figures = line;
            }
        } catch (IOException ended) {
            // The tick sees it.
        }
    }

    private void tick() {
        Running now = running;
        if (now == null) return;
        if (!now.process.isAlive()) {
            LOG.warn("The lab's process has ended with code {}", now.process.exitValue());
            fail();
        } else if (System.nanoTime() - lookedNanos > unseenNanos) {
            wanted = Wanted.NOTHING;
            running = null;
            end(now);
        }
    }

    private void fail() {
        wanted = Wanted.NOTHING;
        failed = true;
        Running now = running;
        running = null;
        if (now != null) end(now);
    }

    // It holds nothing that would have to be put down first.
    private static void end(Running running) {
        running.process.destroyForcibly();
    }

    /** Whether there is a process. Any thread. */
    boolean isRunning() {
        Running now = running;
        return now != null && now.process.isAlive();
    }

    @Override
    public void close() {
        closed = true;
        thread.shutdownNow();
        Running now = running;
        running = null;
        if (now != null) end(now);
    }
}
