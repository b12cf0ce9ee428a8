package io.switchboard.cli.doctor;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What is to be looked at, and how far.
 *
 * @param patience how long each answer may take, 100 ms to 60 s
 * @param largestBytes of messages and bodies that are tried, 1 KB to 64 MB
 * @param idle how long quiet connections are held, to 10 minutes; zero for not at all
 * @param origin of a web page that is to use the server, such as {@code https://app.example.com}
 * @param writable a channel that test messages may be published to
 * @param trusted a PEM file with the certificates to trust in place of the system's
 */
public record Examination(
        Duration patience,
        int largestBytes,
        Duration idle,
        Optional<String> origin,
        Optional<String> writable,
        Optional<Path> trusted) {
    public static final Duration PATIENCE_MIN = Duration.ofMillis(100);
    public static final Duration PATIENCE_MAX = Duration.ofSeconds(60);
    public static final Duration IDLE_MAX = Duration.ofMinutes(10);
    public static final int LARGEST_MIN = 1 << 10;
    public static final int LARGEST_MAX = 64 << 20;

    public Examination {
        if (patience.compareTo(PATIENCE_MIN) < 0 || patience.compareTo(PATIENCE_MAX) > 0)
            throw new IllegalArgumentException("patience: " + patience);
        if (idle.isNegative() || idle.compareTo(IDLE_MAX) > 0) throw new IllegalArgumentException("idle: " + idle);
        if (largestBytes < LARGEST_MIN || largestBytes > LARGEST_MAX)
            throw new IllegalArgumentException("largestBytes: " + largestBytes);
    }
}
