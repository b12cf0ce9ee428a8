package io.switchboard.security.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.switchboard.security.minting.SigningKey;
import io.switchboard.testkit.ManualTicker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileKeysTest {
    private final ManualTicker ticker = new ManualTicker(1_800_000_000_000L);

    @TempDir
    Path folder = Path.of("");

    private Path write(String text) throws IOException {
        // As operators do, and editors: another file takes its place.
        Path written = Files.writeString(folder.resolve("new"), text);
        return Files.move(
                written, folder.resolve("keys"), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String jwks(Algorithm algorithm) {
        return SigningKey.make(algorithm).publicJwks().orElseThrow();
    }

    private void look(FileKeys keys) {
        ticker.advance(FileKeys.LOOK_EVERY_MILLIS);
        keys.tick();
    }

    @Test
    void fileThatChangedIsReadAgainWithinSeconds() throws Exception {
        FileKeys keys = FileKeys.open(write(jwks(Algorithm.EDDSA)), ticker);
        KeyRing first = keys.current();
        look(keys);
        assertThat(keys.current()).isSameAs(first);
        write(jwks(Algorithm.ES256));
        keys.tick();
        assertThat(keys.current()).isSameAs(first);
        look(keys);
        assertThat(keys.current()).isNotSameAs(first);
        assertThat(keys.current().candidates(null, Algorithm.ES256)).isInstanceOf(KeyRing.Candidates.Keys.class);
    }

    @Test
    void fileThatCannotBeUsedLeavesTheKeysFromBefore() throws Exception {
        Path path = write(jwks(Algorithm.EDDSA));
        FileKeys keys = FileKeys.open(path, ticker);
        KeyRing first = keys.current();
        write("nonsense");
        look(keys);
        assertThat(keys.current()).isSameAs(first);
        Files.delete(path);
        look(keys);
        assertThat(keys.current()).isSameAs(first);
        write(jwks(Algorithm.EDDSA));
        look(keys);
        assertThat(keys.current()).isNotSameAs(first);
    }

    @Test
    void nothingToBeginWithIsASentence() throws Exception {
        assertThatExceptionOfType(KeyException.class)
                .isThrownBy(() -> FileKeys.open(folder.resolve("none"), ticker))
                .satisfies(refused -> assertThat(refused.sentence()).contains("none does not exist"));
        assertThatExceptionOfType(KeyException.class)
                .isThrownBy(() -> FileKeys.open(folder, ticker))
                .satisfies(refused -> assertThat(refused.sentence()).contains("cannot be read"));
        Path broken = write("nonsense");
        assertThatExceptionOfType(KeyException.class)
                .isThrownBy(() -> FileKeys.open(broken, ticker))
                .satisfies(refused -> assertThat(refused.sentence()).contains("keys cannot be used. It is neither"));
    }
}
