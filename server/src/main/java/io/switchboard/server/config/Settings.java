package io.switchboard.server.config;

import io.switchboard.core.channel.Policies;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What holds for one run of the server: complete, checked, and never changed. docs/configuration.md says
 * what each setting does.
 *
 * @param host the address to listen on
 * @param port 0 for any free one
 * @param data the folder of the store, as given: relative to the working directory
 * @param redis where the store is one
 * @param threads event loops, 1 or more
 * @param policies the policy of each channel, by its name
 * @param routes each with a path of its own
 * @param drain how long clients have to leave when the server is told to stop
 * @param auth who may come in
 * @param observing how operators look at it
 * @param tls empty where TLS is not spoken
 * @param origins the web origins whose pages may use the server
 * @param tailBytes memory for the newest messages of all channels
 */
public record Settings(
        String host,
        int port,
        Path data,
        StoreKind store,
        Redis redis,
        int threads,
        Policies policies,
        List<Route> routes,
        Switch http2,
        Http3 http3,
        Optional<Tls> tls,
        Proxy proxy,
        Limits limits,
        Timeouts timeouts,
        Live live,
        Duration drain,
        Auth auth,
        Observing observing,
        Origins origins,
        long tailBytes) {

    public Settings {
        Keys.HOST.require(host);
        Keys.PORT.require(port);
        Keys.THREADS.require(threads);
        Keys.DRAIN.require(drain);
        Keys.CACHE_TAIL_BYTES.require(tailBytes);
        routes = List.copyOf(routes);
        if (!auth.isOn() && auth.open() == Auth.Open.LOOPBACK && !Loopback.is(host)) {
            throw new IllegalArgumentException("without auth a server listens on this machine only");
        }
        if (routes.stream().map(Route::path).distinct().count() != routes.size()) {
            throw new IllegalArgumentException("two routes have the same path");
        }
        if (limits.messageBytes() > limits.bodyBytesInFlight()) {
            throw new IllegalArgumentException(
                    "limits.bodyBytesInFlight has to be at least limits.messageBytes, or the largest body never fits");
        }
    }

    /**
     * The defaults but for what is given, by key: {@code Settings.with(Map.of("port", "0"))}.
     *
     * @throws IllegalArgumentException if a key is unknown or a value is not allowed
     */
    public static Settings with(Map<String, String> valuesByKey) {
        return switch (Configuration.of(valuesByKey)) {
            case Configuration.Loaded.Good good -> good.settings();
            case Configuration.Loaded.Bad bad ->
                throw new IllegalArgumentException(
                        bad.problems().stream().map(Problem::toString).collect(Collectors.joining("; ")));
        };
    }

    /** Whether only this machine can reach it. */
    public boolean isOnThisMachine() {
        return Loopback.is(host);
    }

    /** These, but speaking TLS with another certificate. */
    public Settings with(Tls other) {
        return new Settings(
                host,
                port,
                data,
                store,
                redis,
                threads,
                policies,
                routes,
                http2,
                http3,
                Optional.of(other),
                proxy,
                limits,
                timeouts,
                live,
                drain,
                auth,
                observing,
                origins,
                tailBytes);
    }
}
