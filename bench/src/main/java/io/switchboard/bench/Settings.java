package io.switchboard.bench;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What all modes share.
 *
 * @param server http or https, without a slash at its end
 * @param token to show to the server
 * @param trusted a PEM file with certificates that count in place of the system's
 * @param metrics where the server's figures are; without it {@code /metrics} at the server
 * @param owned whether whoever asks says that a server on another machine is his own
 * @param threads event loops of the tool
 * @param sources source addresses 127.0.0.2 and up; 0 for one per 14,000 connections
 * @param connectRate new connections a second, at most
 * @param http the version of HTTP that readers speak: 1 to 3
 * @param streams of readers on one connection of HTTP/2 or HTTP/3
 * @param durationSeconds how long is measured
 * @param warmupSeconds before that
 * @param timeoutSeconds for a connection to be ready, and for the last answers and deliveries
 * @param version of the tool, for the summary
 */
public record Settings(
        URI server,
        Optional<String> token,
        Optional<Path> trusted,
        Optional<URI> metrics,
        boolean owned,
        int threads,
        int sources,
        int connectRate,
        int http,
        int streams,
        int durationSeconds,
        int warmupSeconds,
        int timeoutSeconds,
        String version) {
    private static final int PORT_MAX = 65_535;

    void check() throws BenchFailure {
        Bound.THREADS.check(threads);
        if (sources != 0) Bound.SOURCES.check(sources);
        Bound.CONNECT_RATE.check(connectRate);
        Bound.HTTP.check(http);
        Bound.STREAMS.check(streams);
        Bound.DURATION.check(durationSeconds);
        Bound.WARMUP.check(warmupSeconds);
        Bound.TIMEOUT.check(timeoutSeconds);
        if (metrics.isPresent() && !isOfHttp(metrics.get())) {
            throw BenchFailure.usage("--metrics-url is a whole address such as http://127.0.0.1:9090/metrics, not \""
                    + metrics.get() + "\".");
        }
    }

    private static boolean isOfHttp(URI uri) {
        boolean known = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
        return known && uri.getHost() != null && uri.getPort() <= PORT_MAX;
    }

    long durationNanos() {
        return durationSeconds * 1_000_000_000L;
    }

    long warmupNanos() {
        return warmupSeconds * 1_000_000_000L;
    }

    long timeoutNanos() {
        return timeoutSeconds * 1_000_000_000L;
    }
}
