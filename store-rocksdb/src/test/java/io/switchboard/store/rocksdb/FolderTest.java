package io.switchboard.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.store.Store;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.testkit.store.Asking;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/** Folders that are not what they should be: refused with a sentence, and left as they are. */
class FolderTest {
    @TempDir
    Path folder;

    private Store open() {
        return RocksStore.open(folder, Policies.DEFAULT, StoreLimits.DEFAULT, System::currentTimeMillis);
    }

    private void fill() {
        try (Store store = open()) {
            new Asking(store).created("a", ContentType.BINARY, "kept");
        }
    }

    private void assertRefused(String sentence) throws IOException {
        Map<String, String> before = files();
        assertThatThrownBy(this::open)
                .isInstanceOf(FolderException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining(sentence);
        assertThat(files()).isEqualTo(before);
    }

    // Without RocksDB's own notes on what it did.
    private Map<String, String> files() throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                String name = folder.relativize(file).toString();
                if (name.contains("LOG") || name.startsWith("native") || name.endsWith("lock")) continue;
                files.put(name, Arrays.hashCode(Files.readAllBytes(file)) + " " + Files.size(file));
            }
        }
        return files;
    }

    @Test
    void aFolderWithOtherFilesIsRefused() throws IOException {
        Files.writeString(folder.resolve("holiday.jpg"), "not ours");
        assertRefused("holds files that are not Switchboard's");
    }

    @Test
    void aFolderOfANewerVersionIsRefused() throws IOException {
        fill();
        Files.writeString(folder.resolve("switchboard-store"), "switchboard store, format 3\n");
        assertRefused("a newer version of Switchboard (format 3, this one reads 1 to 2)");
    }

    @Test
    void aFolderOfTheFirstFormatIsReadAndMarkedAnew() throws Exception {
        fill();
        Files.writeString(folder.resolve("switchboard-store"), "switchboard store, format 1\n");
        NativeLibrary.load(folder);
        try (Database database = new Database(folder.resolve("data"), false)) {
            database.write("a test", db -> {
                db.put(Keys.FORMAT, Keys.number(1));
                return true;
            });
        }
        open().close();
        assertThat(Files.readString(folder.resolve("switchboard-store"))).startsWith("switchboard store, format 2\n");
    }

    @Test
    void dataOfANewerVersionIsRefusedEvenIfTheMarkerIsNot() throws Exception {
        fill();
        NativeLibrary.load(folder);
        try (Database database = new Database(folder.resolve("data"), false)) {
            database.write("a test", db -> {
                db.put(Keys.FORMAT, Keys.number(7));
                return true;
            });
        }
        assertThatThrownBy(this::open).isInstanceOf(FolderException.class).hasMessageContaining("format 7");
    }

    @Test
    void aMarkerThatIsNoMarkerIsRefused() throws IOException {
        fill();
        Files.writeString(folder.resolve("switchboard-store"), "garbage");
        assertRefused("damaged or incomplete");
    }

    @Test
    void missingDataIsNotTakenForAnEmptyStore() throws IOException {
        fill();
        Files.move(folder.resolve("data"), folder.resolveSibling("moved-" + folder.getFileName()));
        assertRefused("damaged or incomplete");
    }

    @Test
    void damagedDataIsRefused() throws IOException {
        fill();
        try (Stream<Path> files = Files.list(folder.resolve("data"))) {
            for (Path manifest : files.filter(
                            file -> file.getFileName().toString().startsWith("MANIFEST"))
                    .toList()) {
                byte[] bytes = Files.readAllBytes(manifest);
                Arrays.fill(bytes, 0, Math.min(bytes.length, 200), (byte) 0x55);
                Files.write(manifest, bytes);
            }
        }
        assertRefused("damaged or incomplete");
    }

    @Test
    void aMissingTableIsRefused() throws IOException {
        fill();
        try (Stream<Path> files = Files.list(folder.resolve("data"))) {
            for (Path table :
                    files.filter(file -> file.toString().endsWith(".sst")).toList()) Files.delete(table);
        }
        assertRefused("damaged or incomplete");
    }

    @Test
    void aFolderInUseIsRefused() throws IOException {
        try (Store store = open()) {
            assertRefused("in use by a running Switchboard");
            assertThat(new Asking(store).created("a", ContentType.BINARY)).isNotNull();
        }
        fillAgain();
    }

    private void fillAgain() {
        try (Store store = open()) {
            assertThat(new Asking(store).names("", "", 10)).containsExactly("a");
        }
    }

    @Test
    void aFirstStartThatWasCutShortIsRepeated() throws IOException {
        Files.writeString(folder.resolve("switchboard-store"), "switchboard store, format 1, beginning\n");
        Files.createDirectories(folder.resolve("data"));
        fill();
        try (Store store = open()) {
            assertThat(new Asking(store).all("a")).isEqualTo(List.of("kept"));
        }
    }

    @Test
    void theNativeLibraryIsUnpackedOnce() throws IOException {
        URL packed = Objects.requireNonNull(
                RocksDB.class.getClassLoader().getResource(Environment.getJniLibraryFileName("rocksdb")));
        Path directory = NativeLibrary.unpacked(folder, packed);
        Path library = onlyFileIn(directory);
        FileTime longAgo = FileTime.fromMillis(0);
        Files.setLastModifiedTime(library, longAgo);
        assertThat(NativeLibrary.unpacked(folder, packed)).isEqualTo(directory);
        assertThat(onlyFileIn(directory)).isEqualTo(library);
        assertThat(Files.getLastModifiedTime(library)).isEqualTo(longAgo);

        // One that was damaged is no reason to load something else.
        Files.write(library, new byte[] {1}, StandardOpenOption.APPEND);
        assertThat(onlyFileIn(NativeLibrary.unpacked(folder, packed))).isEqualTo(library);
        assertThat(Files.getLastModifiedTime(library)).isGreaterThan(longAgo);
        // built by one user, run by another
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(library)))
                .isEqualTo("rw-r--r--");
    }

    @Test
    void whereTheSharedFolderWillNotDoTheDataFolderKeepsTheLibrary() throws IOException {
        Path noFolder = Files.writeString(folder.resolve("file"), "in the way");
        NativeLibrary.loadFrom(List.of(noFolder, folder));
        try (Stream<Path> kept = Files.list(folder.resolve("native"))) {
            assertThat(onlyFileIn(kept.findFirst().orElseThrow())).isNotEmptyFile();
        }
    }

    @Test
    void aLibraryThatCannotBeUnpackedLeavesNothing() throws IOException {
        Path jar = folder.resolve("damaged.jar");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new ZipEntry("library"));
            out.write(new byte[10_000]);
        }
        byte[] bytes = Files.readAllBytes(jar);
        bytes[30 + "library".length()] = 7; // behind the entry's head: a kind of compressed data that is none
        Files.write(jar, bytes);
        URL packed = URI.create("jar:" + jar.toUri() + "!/library").toURL();
        assertThatThrownBy(() -> NativeLibrary.unpacked(folder, packed)).isInstanceOf(ZipException.class);
        try (Stream<Path> left = Files.walk(folder.resolve("native"))) {
            assertThat(left.filter(Files::isRegularFile)).isEmpty();
        }
    }

    private static Path onlyFileIn(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            return all.getFirst();
        }
    }
}
