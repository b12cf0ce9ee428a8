package io.switchboard.server;

import static org.awaitility.Awaitility.await;

import java.time.Duration;

/** A peer that takes its time: what is tested is that the server bears it, not when something happens. */
final class Pause {
    private Pause() {}

    static void millis(long millis) {
        await().pollDelay(Duration.ofMillis(millis))
                .atMost(Duration.ofMillis(millis + 10_000))
                .until(() -> true);
    }
}
