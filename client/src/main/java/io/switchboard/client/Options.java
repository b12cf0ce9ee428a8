package io.switchboard.client;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What can be set of a client. Immutable: each method gives another one. */
public final class Options {
    private static final Duration PUBLISH_TIMEOUT_MAX = Duration.ofHours(24);
    private static final Duration INTERVAL_MIN = Duration.ofMillis(100);
    private static final Duration INTERVAL_MAX = Duration.ofHours(1);
    private static final Pattern PRODUCER = Pattern.compile("[!-~]{1,256}");
    private static final Options DEFAULTS = new Options();

    private Optional<TokenSource> tokens = Optional.empty();
    private Set<Transport> transports = EnumSet.allOf(Transport.class);
    private Duration publishTimeout = Duration.ofSeconds(60);
    private Optional<String> producer = Optional.empty();
    private Duration heartbeat = Duration.ofSeconds(25);
    private Duration pollEvery = Duration.ofSeconds(5);
    private Optional<Executor> executor = Optional.empty();
    private Optional<HttpClient> httpClient = Optional.empty();
    private Consumer<Status> onStatus = status -> {};
    private Consumer<Throwable> onError = Options::uncaught;
    private Consumer<SwitchboardException> onUnauthorized = refused -> {};
    private boolean oneToken;

    private Options() {}

    /** No token, every transport, publications given up after a minute. */
    public static Options defaults() {
        return DEFAULTS;
    }

    private static void uncaught(Throwable thrown) {
        Thread thread = Thread.currentThread();
        Thread.@Nullable UncaughtExceptionHandler handler = thread.getUncaughtExceptionHandler();
        if (handler != null) handler.uncaughtException(thread, thrown);
    }

    private Options copy() {
        Options copy = new Options();
        copy.tokens = tokens;
        copy.transports = transports;
        copy.publishTimeout = publishTimeout;
        copy.producer = producer;
        copy.heartbeat = heartbeat;
        copy.pollEvery = pollEvery;
        copy.executor = executor;
        copy.httpClient = httpClient;
        copy.onStatus = onStatus;
        copy.onError = onError;
        copy.onUnauthorized = onUnauthorized;
        copy.oneToken = oneToken;
        return copy;
    }

    /** A token that is never renewed: when it ends, so does the client. */
    public Options token(String token) {
        Options copy = tokens(() -> CompletableFuture.completedFuture(token));
        copy.oneToken = true;
        return copy;
    }

    /** Who is asked for tokens. */
    public Options tokens(TokenSource source) {
        Options copy = copy();
        copy.tokens = Optional.of(source);
        copy.oneToken = false;
        return copy;
    }

    /** The transports that may be used for reading, at least one; publishing needs HTTP in any case. */
    public Options transports(Collection<Transport> allowed) {
        if (allowed.isEmpty()) throw new IllegalArgumentException("no transport to use");
        Options copy = copy();
        copy.transports = EnumSet.copyOf(allowed);
        return copy;
    }

    /** How long a publication, and whatever else is asked of the server, is tried; above 0 and up to a day. */
    public Options publishTimeout(Duration timeout) {
        if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(PUBLISH_TIMEOUT_MAX) > 0) {
            throw new IllegalArgumentException("not a time above 0 and up to a day: " + timeout);
        }
        Options copy = copy();
        copy.publishTimeout = timeout;
        return copy;
    }

    /**
     * Publishes under this name, which a later client may take: then what this one publishes fails with
     * {@link SwitchboardException#FENCED}. So of several clients that are started for one job the latest writes. Without
     * it a client takes any name, and another if that is in use.
     *
     * @param name 1 to 256 characters of ASCII without blanks
     */
    public Options producer(String name) {
        if (!PRODUCER.matcher(name).matches())
            throw new IllegalArgumentException("not the name of a producer: " + name);
        Options copy = copy();
        copy.producer = Optional.of(name);
        return copy;
    }

    /**
     * The longer of the server's {@code live.heartbeat} and {@code live.longPollTimeout}, 0.1 s to an hour; 25 s unless
     * it is said. After so long without a sign a line asks for one, and what is silent for 10 s more is dead.
     */
    public Options heartbeat(Duration interval) {
        Options copy = copy();
        copy.heartbeat = interval(interval);
        return copy;
    }

    /** How often to ask where nothing better works, 0.1 s to an hour; 5 s unless it is said. */
    public Options pollEvery(Duration interval) {
        Options copy = copy();
        copy.pollEvery = interval(interval);
        return copy;
    }

    private static Duration interval(Duration interval) {
        if (interval.compareTo(INTERVAL_MIN) < 0 || interval.compareTo(INTERVAL_MAX) > 0) {
            throw new IllegalArgumentException("not a time of 0.1 s to an hour: " + interval);
        }
        return interval;
    }

    /**
     * Where listeners, token sources and the other callbacks run, such as
     * {@code Executors.newVirtualThreadPerTaskExecutor()}. Each subscription uses one of its threads at a time, and none
     * while there is nothing to tell. Without it: up to {@value Callers#THREADS_MAX} daemon threads of the client.
     */
    public Options executor(Executor callers) {
        Options copy = copy();
        copy.executor = Optional.of(callers);
        return copy;
    }

    /** What connects, with your proxy or TLS settings; the client does not close it. */
    public Options httpClient(HttpClient client) {
        Options copy = copy();
        copy.httpClient = Optional.of(client);
        return copy;
    }

    /** Told of each change of {@link Switchboard#status}; of changes that follow each other quickly, the newest. */
    public Options onStatus(Consumer<Status> told) {
        Options copy = copy();
        copy.onStatus = told;
        return copy;
    }

    /** Told what listeners throw. Without it: the uncaught exception handler of the thread. */
    public Options onError(Consumer<Throwable> told) {
        Options copy = copy();
        copy.onError = told;
        return copy;
    }

    /** Told when no token is accepted any more, which ends the client. */
    public Options onUnauthorized(Consumer<SwitchboardException> told) {
        Options copy = copy();
        copy.onUnauthorized = told;
        return copy;
    }

    Optional<TokenSource> tokens() {
        return tokens;
    }

    boolean hasOneToken() {
        return oneToken;
    }

    Set<Transport> transports() {
        return transports;
    }

    long publishTimeoutMillis() {
        return publishTimeout.toMillis();
    }

    Optional<String> producer() {
        return producer;
    }

    long heartbeatMillis() {
        return heartbeat.toMillis();
    }

    long pollEveryMillis() {
        return pollEvery.toMillis();
    }

    Optional<Executor> executor() {
        return executor;
    }

    Optional<HttpClient> httpClient() {
        return httpClient;
    }

    Consumer<Status> onStatus() {
        return onStatus;
    }

    Consumer<Throwable> onError() {
        return onError;
    }

    Consumer<SwitchboardException> onUnauthorized() {
        return onUnauthorized;
    }
}
