package io.switchboard.bench.own;

import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.ServerFigures;
import io.switchboard.bench.Settings;
import io.switchboard.bench.Trust;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Switchboard server that was started for a measurement: a process on 127.0.0.1 at a free port, without auth, that keeps its
 * channels in a temporary folder; with nginx in front of it if that is asked for. With {@link #close} all of it is gone, and
 * also if this process ends without that, but for the folder. One thread at a time; all methods block.
 */
public final class OwnServer implements AutoCloseable {
    private static final int CONNECT_RATE = 2_000;
    private static final int TIMEOUT_SECONDS = 10;
    private static final Pattern LISTENS = Pattern.compile("^Switchboard listens on (https?)://[^ ;]*:([0-9]{1,5});");
    private static final long READY_SECONDS = 60;
    private static final long COLLECT_SECONDS = 20;
    private static final Duration ANSWER_MAX = Duration.ofSeconds(10);

    private final Launch launch;
    private final Path folder;
    private final Thread hook = new Thread(this::delete, "own-server-folder");
    private @Nullable Child server;
    private @Nullable Nginx front;
    private @Nullable HttpClient client;
    private int serverPort;

    private OwnServer(Launch launch, Path folder) {
        this.launch = launch;
        this.folder = folder;
    }

    /**
     * Answers requests when this returns, after a second or two.
     *
     * @throws BenchFailure if the server or nginx does not start, with what it said; or if whoever waits is interrupted
     */
    public static OwnServer start(Launch launch) throws BenchFailure {
        OwnServer own;
        try {
            own = new OwnServer(launch, Files.createTempDirectory("switchboard-own-"));
        } catch (IOException unwritable) {
            throw BenchFailure.failed("No folder can be made in " + System.getProperty("java.io.tmpdir") + ".");
        }
        Runtime.getRuntime().addShutdownHook(own.hook);
        boolean good = false;
        try {
            own.open();
            good = true;
            return own;
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw BenchFailure.stopped();
        } finally {
            if (!good) own.close();
        }
    }

    private void open() throws BenchFailure, InterruptedException {
        Child child;
        try {
            if (launch.tls()) Certificate.make(folder);
            child = new Child(launch.command(folder), folder);
        } catch (IOException unable) {
            throw BenchFailure.failed("The server cannot be started: " + unable.getMessage() + ".");
        }
        server = child;
        Optional<Matcher> listens = child.await(LISTENS, READY_SECONDS);
        if (listens.isEmpty()) {
            throw BenchFailure.failed("The server did not start"
                    + (child.isAlive()
                            ? " in " + READY_SECONDS + " s."
                            : ": " + child.lastLines().strip()));
        }
        serverPort = Integer.parseInt(listens.get().group(2));
        if (launch.front() != Front.DIRECT) front = Nginx.start(launch, folder.resolve("nginx"), serverPort);
    }

    /** Whether this machine has an nginx to stand in front. */
    public static boolean hasNginx() {
        return Nginx.program().isPresent();
    }

    public Launch launch() {
        return launch;
    }

    /** Where viewers go: to nginx, if it stands in front. Without a slash at its end. */
    public URI url() {
        Nginx before = front;
        return URI.create(
                (launch.tls() ? "https" : "http") + "://127.0.0.1:" + (before == null ? serverPort : before.port()));
    }

    /** Where the server itself is, past what stands in front. */
    public URI origin() {
        return URI.create((launch.serverTls() ? "https" : "http") + "://127.0.0.1:" + serverPort);
    }

    /** What viewers have to trust; empty without TLS. A PEM file. */
    public Optional<Path> certificate() {
        return launch.tls() ? Optional.of(certificateFile()) : Optional.empty();
    }

    /**
     * For a load on it, each of whose clients has a connection of its own, as separate browsers have; readers speak the version
     * of HTTP that it was started for.
     *
     * @param version of this program
     */
    public Settings load(int seconds, int warmup, String version) {
        Optional<URI> metrics = Optional.of(origin().resolve("/metrics"));
        return new Settings(
                url(),
                Optional.empty(),
                certificate(),
                metrics,
                false,
                1,
                0,
                CONNECT_RATE,
                launch.http(),
                1,
                seconds,
                warmup,
                TIMEOUT_SECONDS,
                version);
    }

    private Path certificateFile() {
        return folder.resolve(Certificate.FILE);
    }

    /** Of the server, without nginx. */
    public long pid() {
        Child child = server;
        if (child == null) throw new IllegalStateException("not started");
        return child.pid();
    }

    public boolean isAlive() {
        Child child = server;
        return child != null && child.isAlive();
    }

    /** What it printed last, some 40 lines at most. */
    public String lastLines() {
        Child child = server;
        return child == null ? "" : child.lastLines();
    }

    /** Its own figures, as they are at {@code /metrics}, asked for past what stands in front. */
    public ServerFigures figures() throws BenchFailure {
        try {
            HttpResponse<String> answer = asking().send(
                            HttpRequest.newBuilder(URI.create(origin() + "/metrics"))
                                    .timeout(ANSWER_MAX)
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() == 200) return ServerFigures.parse(answer.body(), System.nanoTime());
            throw BenchFailure.failed("The server answers " + answer.statusCode() + " when asked for its figures.");
        } catch (IOException gone) {
            throw BenchFailure.failed("The server does not answer any more: " + lastLines());
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw BenchFailure.stopped();
        }
    }

    private HttpClient asking() throws BenchFailure {
        HttpClient known = client;
        if (known != null) return known;
        HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
        if (launch.serverTls()) builder.sslContext(Trust.context(certificateFile()));
        HttpClient made = builder.build();
        client = made;
        return made;
    }

    /**
     * Has it collect all garbage, so that the heap its figures show is what it needs. Takes about half a second.
     *
     * @return whether it did: it takes a JDK, as a bare Java has no jcmd
     */
    public boolean collect() {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        if (!Files.isExecutable(jcmd)) return false;
        try {
            Process process = new ProcessBuilder(List.of(jcmd.toString(), String.valueOf(pid()), "GC.run"))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (process.waitFor(COLLECT_SECONDS, TimeUnit.SECONDS)) return process.exitValue() == 0;
            process.destroyForcibly();
            return false;
        } catch (IOException unable) {
            return false;
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() {
        Nginx before = front;
        if (before != null) before.close();
        Child child = server;
        if (child != null) child.close();
        HttpClient asking = client;
        if (asking != null) asking.shutdownNow();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            return; // it does it
        }
        delete();
    }

    private void delete() {
        try (Stream<Path> all = Files.walk(folder)) {
            all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException | java.io.UncheckedIOException stays) {
            // A folder in the temporary one; the system clears it.
        }
    }
}
