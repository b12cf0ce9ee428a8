package io.switchboard.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.cli.ManualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The small parts of the client, each by itself. */
class PartsTest {
    @Test
    void backoffDoublesFromOneSecondToThirtyWithFullJitter() {
        Backoff backoff = new Backoff(new Random(1));
        for (int round = 0; round < 200; round++) {
            for (long bound : new long[] {1, 2, 4, 8, 16, 30, 30}) {
                assertThat(backoff.next()).isBetween(Duration.ZERO, Duration.ofSeconds(bound));
            }
            backoff.reset();
        }
    }

    @Test
    void offsetsOfAPageCountBackFromItsEnd() {
        String start = "a4a7";
        String end = "a4b10";
        assertThat(Offsets.within(start, start, end, 3, 0)).isEqualTo("a4a8");
        assertThat(Offsets.within(start, start, end, 3, 2)).isEqualTo(end);
        String later = "a5b10";
        assertThat(Offsets.within(start, start, later, 3, 0))
                .as("a generation began somewhere")
                .isEqualTo(start);
        assertThat(Offsets.within(start, start, later, 3, 2)).isEqualTo(later);
        assertThat(Offsets.within("-1", "-1", end, 3, 1)).isEqualTo("-1");
        String sure = "a5a9";
        assertThat(Offsets.within(start, sure, later, 3, 0))
                .as("older than sure")
                .isEqualTo(start);
        assertThat(Offsets.within(start, sure, later, 3, 1)).isEqualTo(sure);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-1",
                "now",
                "a4",
                "a4a",
                "a4b07",
                "b04a7",
                "a4c12",
                "a4a7x",
                "0000000000000004_0000000000000007"
            })
    void anythingElseIsNoOffset(String text) {
        assertThat(Offsets.isOffset("a4a7")).isTrue();
        assertThat(Offsets.isOffset("p9999999999999999p9999999999999999")).isTrue();
        assertThat(Offsets.isOffset(text)).isFalse();
    }

    @Test
    void paceMakesUpForSlowAnswersButNotForSilence() throws InterruptedException {
        ManualTime time = new ManualTime();
        Pace pace = new Pace(time, 10);
        pace.await();
        pace.spend();
        assertThat(pace.isDue()).isFalse();
        time.pass(Duration.ofMillis(250));
        assertThat(pace.isDue()).isTrue();
        pace.spend();
        assertThat(pace.isDue()).as("the second, due at 200 ms").isTrue();
        pace.spend();
        assertThat(pace.isDue()).isFalse();
        time.pass(Duration.ofMinutes(1));
        pace.idled();
        pace.await();
        pace.spend();
        assertThat(pace.isDue()).isFalse();
        pace.await();
        assertThat(time.pauses()).containsExactly(Duration.ofMillis(100));
    }

    @Test
    void theClientNeedsNoCodeOfTheServer() throws IOException {
        Path client = Path.of("src/main/java/io/switchboard/cli/client");
        try (Stream<Path> files = Files.list(client)) {
            assertThat(files.toList()).isNotEmpty().allSatisfy(file -> assertThat(Files.readAllLines(file))
                    .filteredOn(line -> line.startsWith("import "))
                    .allMatch(line -> line.matches("import (static )?(java\\.|org\\.jspecify\\.).*")));
        }
    }
}
