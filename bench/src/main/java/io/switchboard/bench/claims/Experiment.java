package io.switchboard.bench.claims;

import io.switchboard.bench.BenchFailure;
import java.io.IOException;

/** Measures what a claim is about. One thread, which blocks; all that it opens and starts is gone when it returns. */
@FunctionalInterface
interface Experiment {
    /**
     * @throws BenchFailure if it cannot be measured, or whoever asked wants it to end
     * @throws IOException if a connection to the server broke
     */
    Finding measure(Stage stage) throws BenchFailure, IOException;
}
