package io.switchboard.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.Store;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.testkit.store.Asking;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is really full: a small file system of its own, which only root may mount. */
@Tag("slow")
class FullDiskTest {
    private static final int DISK_MEGABYTES = 80;
    private static final int BALLAST_BYTES = 40 << 20;
    private static final String MESSAGE = incompressible(60_000);

    @TempDir
    Path temporary;

    private Path disk = Path.of("");
    private boolean mounted;

    private static String incompressible(int length) {
        StringBuilder text = new StringBuilder(length);
        Random random = new Random(1);
        while (text.length() < length) text.append((char) (' ' + random.nextInt(95)));
        return text.toString();
    }

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createDirectory(temporary.resolve("disk"));
        mounted = run("mount", "-t", "tmpfs", "-o", "size=" + DISK_MEGABYTES + "m", "tmpfs", disk.toString());
        assumeTrue(mounted, "a small file system can be mounted, as root on Linux");
    }

    @AfterEach
    void unmount() throws Exception {
        // lazily: RocksDB's library may have been loaded from there
        if (mounted) assertThat(run("umount", "--lazy", disk.toString())).isTrue();
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private Store open() {
        return RocksStore.open(
                disk.resolve("store"), CrashingWriter.POLICIES, StoreLimits.DEFAULT, System::currentTimeMillis);
    }

    @Test
    void readsGoOnWhileTheDiskIsFullAndWritesDoOnceItIsNot() throws Exception {
        Path ballast = disk.resolve("ballast");
        Files.write(ballast, new byte[BALLAST_BYTES]);
        List<String> acknowledged = new ArrayList<>();
        List<String> squeezed;
        Offset before;
        try (Store store = open()) {
            Asking ask = new Asking(store);
            for (String name : List.of("os/a", "fsync/a")) ask.created(name, ContentType.BINARY);
            ask.created("quiet", ContentType.BINARY, "still here");
            AppendOutcome outcome = null;
            for (int i = 0; i < 5_000 && !(outcome instanceof AppendOutcome.Failed); i++) {
                outcome = ask.append(Asking.plain("os/a", i + MESSAGE));
                if (outcome instanceof AppendOutcome.Appended) acknowledged.add(i + MESSAGE);
            }
            assertThat(outcome).isEqualTo(new AppendOutcome.Failed(Failure.FULL));
            assertThat(acknowledged).isNotEmpty();
            // what RocksDB tidies up makes a little space again: that goes too
            List<String> squeezedIn = new ArrayList<>();
            for (int i = 0; outcomeOfSmall(ask, i, squeezedIn); i++) fillTheRest(disk.resolve("rest" + i));
            assertThat(ask.all("os/a")).isEqualTo(acknowledged);
            assertThat(ask.all("quiet")).containsExactly("still here");
            before = ask.tail("os/a").offset();

            Files.delete(ballast);
            assertThat(ask.all("fsync/a")).isEqualTo(squeezedIn);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> ask.append(Asking.plain("os/a", "after")) instanceof AppendOutcome.Appended);
            acknowledged.add("after");
            assertThat(ask.all("os/a")).isEqualTo(acknowledged);
            assertThat(ask.tail("os/a").offset().generation()).isGreaterThan(before.generation());
            assertThat(ask.found("os/a").info().lineage().contains(before)).isTrue();
            assertThat(ask.append(Asking.plain("fsync/a", "yes"))).isInstanceOf(AppendOutcome.Appended.class);
            squeezed = new ArrayList<>(squeezedIn);
            squeezed.add("yes");
        }
        try (Store store = open()) {
            Asking ask = new Asking(store);
            assertThat(ask.all("os/a")).isEqualTo(acknowledged);
            assertThat(ask.all("fsync/a")).isEqualTo(squeezed);
        }
    }

    private static boolean outcomeOfSmall(Asking ask, int number, List<String> squeezedIn) {
        assertThat(number).isLessThan(1_000);
        return switch (ask.append(Asking.plain("fsync/a", "small" + number))) {
            case AppendOutcome.Appended appended -> squeezedIn.add("small" + number);
            case AppendOutcome.Failed(Failure failure) -> {
                assertThat(failure).isEqualTo(Failure.FULL);
                yield false;
            }
            case AppendOutcome other -> throw new AssertionError(other);
        };
    }

    private static void fillTheRest(Path file) {
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int i = 0; i < DISK_MEGABYTES << 8; i++) out.write(new byte[4_096]);
        } catch (IOException full) {
            // as intended
        }
    }

    @Test
    void aFullDiskIsToldAtTheStart() throws Exception {
        fillTheRest(disk.resolve("ballast"));
        assertThatThrownBy(this::open).isInstanceOf(FolderException.class).hasMessageContaining("space");
    }
}
