package io.switchboard.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Found;
import io.switchboard.core.store.ReadOutcome;
import io.switchboard.core.store.Store;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.testkit.store.Asking;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The power goes: of the log on disk, only what was synced is still there, and perhaps a torn piece more. */
class PowerCutTest {
    @TempDir
    Path folder;

    @TempDir
    Path elsewhere;

    private static Store open(Path folder) {
        return RocksStore.open(folder, CrashingWriter.POLICIES, StoreLimits.DEFAULT, System::currentTimeMillis);
    }

    private static Path log(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("data"))) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        }
    }

    private void copyWithLogOf(long logBytes) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                Path copy = elsewhere.resolve(folder.relativize(file).toString());
                if (Files.isDirectory(file)) Files.createDirectories(copy);
                else Files.copy(file, copy);
            }
        }
        try (FileChannel log = FileChannel.open(log(elsewhere), StandardOpenOption.WRITE)) {
            log.truncate(logBytes);
        }
    }

    @Test
    void whatWasSyncedIsThereAndALostOffsetIsToldFromWhatCameAfter() throws Exception {
        Offset lost;
        Offset kept;
        try (Store store = open(folder)) {
            Asking ask = new Asking(store);
            ask.created("os/a", ContentType.BINARY, "os-0");
            ask.created("memory/a", ContentType.BINARY, "memory-0");
            ask.appended("memory/a", "memory-1");
            ask.created("fsync/a", ContentType.BINARY);
            for (int i = 0; i < 20; i++) {
                kept = ask.appended("fsync/a", "fsync-" + i).offset();
                assertThat(ask.produced("fsync/a", "p", 0, i, "produced-" + i))
                        .isInstanceOf(AppendOutcome.Appended.class);
            }
            kept = ask.tail("fsync/a").offset();
            long synced = Files.size(log(folder));
            for (int i = 1; i <= 20; i++) ask.appended("os/a", "os-" + i);
            lost = ask.tail("os/a").offset();
            assertThat(Files.size(log(folder))).isGreaterThan(synced + 100);
            copyWithLogOf(synced + 57);
        }
        try (Store store = open(elsewhere)) {
            Asking ask = new Asking(store);
            assertThat(ask.all("fsync/a")).hasSize(40);
            assertThat(ask.tail("fsync/a").offset()).isEqualTo(kept);
            assertThat(ask.produced("fsync/a", "p", 0, 19, "again")).isInstanceOf(AppendOutcome.Duplicate.class);
            assertThat(ask.produced("fsync/a", "p", 0, 20, "next")).isInstanceOf(AppendOutcome.Appended.class);

            List<String> os = ask.all("os/a");
            assertThat(os).startsWith("os-0");
            assertThat(os.size()).isLessThan(20);
            Found found = ask.found("os/a");
            assertThat(ask.read(found.info().id(), lost.sequence(), 100)).isEqualTo(new ReadOutcome.AtTail());
            for (int i = 0; i < 30; i++) ask.appended("os/a", "other-" + i);
            assertThat(ask.tail("os/a").sequence()).isGreaterThan(lost.sequence());
            assertThat(ask.found("os/a").info().lineage().contains(lost)).isFalse();
            assertThat(ask.found("os/a").info().lineage().lastCommonWith(lost))
                    .isEqualTo(found.tail().offset());

            // nothing was promised for these but the channel itself
            assertThat(ask.all("memory/a")).containsExactly("memory-0");
            assertThat(ask.appended("memory/a", "anew").offset().generation())
                    .isGreaterThan(ask.found("memory/a").info().lineage().generation(0));
            assertThat(ask.all("memory/a")).containsExactly("memory-0", "anew");
            Found anew = ask.created("new", ContentType.BINARY);
            assertThat(anew.info().id()).isGreaterThan(lost.generation());
        }
    }

    @Test
    void aForkOfUnloggedMessagesTakesThemAlong() throws Exception {
        try (Store store = open(folder)) {
            Asking ask = new Asking(store);
            ask.created("memory/a", ContentType.BINARY);
            for (int i = 0; i < 10; i++) ask.appended("memory/a", "m" + i);
            ask.create(new io.switchboard.core.store.Create(
                    new io.switchboard.core.channel.ChannelName("fsync/fork"),
                    null,
                    null,
                    false,
                    io.switchboard.core.channel.Payloads.NONE,
                    new io.switchboard.core.store.Create.Fork(
                            new io.switchboard.core.channel.ChannelName("memory/a"), null, 0),
                    null));
            ask.appended("memory/a", "lost");
            copyWithLogOf(Files.size(log(folder)));
        }
        try (Store store = open(elsewhere)) {
            Asking ask = new Asking(store);
            assertThat(ask.all("fsync/fork")).hasSize(10).endsWith("m9");
            assertThat(ask.all("memory/a")).hasSize(10);
            assertThat(ask.delete("fsync/fork")).isInstanceOf(io.switchboard.core.store.DeleteOutcome.Deleted.class);
            assertThat(ask.delete("memory/a")).isInstanceOf(io.switchboard.core.store.DeleteOutcome.Deleted.class);
        }
    }
}
