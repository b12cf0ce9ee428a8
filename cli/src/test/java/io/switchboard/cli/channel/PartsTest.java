package io.switchboard.cli.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.cli.ManualTime;
import io.switchboard.cli.place.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The small parts, each by itself. */
class PartsTest {
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
    void whereToBeginIsAWordOrAnOffset() throws Failure {
        assertThat(Start.parse("-1")).isEqualTo(new Start.Beginning());
        assertThat(Start.parse("0".repeat(16) + "_" + "0".repeat(16))).isEqualTo(new Start.Beginning());
        assertThat(Start.parse("now")).isEqualTo(new Start.Now());
        String offset = "a1b12";
        assertThat(Start.parse(offset)).isEqualTo(new Start.After(offset));
        assertThatThrownBy(() -> Start.parse("soon")).isInstanceOf(Failure.class);
    }

    @Test
    void aMistakeIsNamedWithItsByte() {
        MessageCheck json = new MessageCheck(Kind.JSON);
        assertThat(json.flaw(bytes("{\"ä\":}"))).hasValueSatisfying(flaw -> assertThat(flaw)
                .startsWith("is not JSON: at byte 7 there should be a value."));
        assertThat(json.flaw(bytes(" [1] "))).isEmpty();
        assertThat(json.flaw(new byte[] {'"', (byte) 0xC0, (byte) 0x80, '"'}))
                .hasValueSatisfying(flaw -> assertThat(flaw).startsWith("is not UTF-8"));
        assertThat(new MessageCheck(Kind.TEXT).flaw(new byte[] {(byte) 0xC0})).isPresent();
        assertThat(new MessageCheck(Kind.TEXT).flaw(bytes("")))
                .hasValueSatisfying(flaw -> assertThat(flaw).startsWith("is empty"));
        assertThat(new MessageCheck(Kind.BYTES).flaw(new byte[] {(byte) 0xC0})).isEmpty();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void nothingHereNeedsCodeOfTheServer() throws IOException {
        for (String room : List.of("channel", "place")) {
            try (Stream<Path> files = Files.list(Path.of("..", "cli", "src/main/java/io/switchboard/cli/" + room))) {
                assertThat(files.toList())
                        .isNotEmpty()
                        .allSatisfy(
                                file -> assertThat(Files.readAllLines(file))
                                        .filteredOn(line -> line.startsWith("import "))
                                        .allMatch(
                                                line -> line.matches(
                                                        "import (static )?(javax?\\.|org\\.jspecify\\.|io\\.switchboard\\.(client|cli\\.place)\\.).*")));
            }
        }
    }
}
