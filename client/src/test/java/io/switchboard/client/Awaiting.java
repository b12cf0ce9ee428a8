package io.switchboard.client;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** Waits for what shall happen, and says how far it came if it does not. */
final class Awaiting {
    private static final Duration EVERY = Duration.ofMillis(10);

    private Awaiting() {}

    static void until(Duration patience, BooleanSupplier done, Supplier<String> state) {
        try {
            Awaitility.await().pollInterval(EVERY).atMost(patience).until(done::getAsBoolean);
        } catch (ConditionTimeoutException late) {
            throw new AssertionError("not within " + patience + ": " + state.get(), late);
        }
    }
}
