package io.switchboard.cli;

import io.switchboard.bench.BenchFailure;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Over which version of HTTP readers come, for the modes of {@code bench} that let them choose. */
final class HttpOptions {
    private static final int SHARED = 100;

    @Option(
            names = "--http",
            paramLabel = "N",
            order = 59,
            description = {
                "The version of HTTP that readers speak, 1 to 3; 2 without TLS by prior knowledge, 3 within TLS alone.",
                "Default: 1."
            })
    private int version = 1;

    @Option(
            names = "--streams",
            paramLabel = "N",
            order = 60,
            description = {
                "With --http 2 and 3, readers on one connection, 1 to 250; who polls takes --streams 1. Default: 100."
            })
    private @Nullable Integer streams;

    /**
     * What was typed.
     *
     * @param version 1 to 3, if the tool takes it
     * @param streams of readers on one connection
     */
    record Chosen(int version, int streams) {
        static final Chosen HTTP_1 = new Chosen(1, 1);
    }

    /** @throws BenchFailure if connections are to be shared that cannot be */
    Chosen chosen() throws BenchFailure {
        if (version == 1 && streams != null) {
            throw BenchFailure.usage(
                    "--streams is for --http 2 and 3; over HTTP/1.1 each reader has a connection of its own.");
        }
        return version == 1 ? Chosen.HTTP_1 : new Chosen(version, streams == null ? SHARED : streams);
    }
}
