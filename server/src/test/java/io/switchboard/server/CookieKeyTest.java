package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.http.access.Seal;
import io.switchboard.server.config.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CookieKeyTest {
    @TempDir
    private Path folder;

    private final SecureRandom random = new SecureRandom();

    private byte[] key(String store) throws StartFailure {
        return CookieKey.of(Settings.with(Map.of("data", folder.toString(), "store", store)), random);
    }

    @Test
    void aKeyIsMadeOnceForItsOwnerAlone() throws Exception {
        byte[] made = key("rocksdb");
        assertThat(made).hasSize(Seal.KEY_BYTES);
        assertThat(key("rocksdb")).isEqualTo(made);
        Path file = folder.resolve(CookieKey.FILE);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void aServerThatKeepsNothingMakesAnotherEachTime() throws Exception {
        assertThat(key("memory")).isNotEqualTo(key("memory"));
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aDamagedKeyIsRefusedWithWhatToDo() throws Exception {
        Files.write(folder.resolve(CookieKey.FILE), new byte[31]);
        assertThatThrownBy(() -> key("rocksdb"))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("Delete it");
    }
}
