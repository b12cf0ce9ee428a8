package io.switchboard.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ChannelPattern;
import io.switchboard.core.channel.ChannelPolicy;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Durability;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Retention;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.Persistence;
import io.switchboard.core.store.ReadOutcome;
import io.switchboard.core.store.Store;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.core.store.Stretch;
import io.switchboard.testkit.store.Asking;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rocksdb.RocksIterator;

/** Messages whose payload went into files of its own. */
@Tag("slow")
class PacksTest {
    private static final int MESSAGE_BYTES = 20_000;
    private static final int COUNT = (int) (2.2 * Packs.TARGET_BYTES / MESSAGE_BYTES);

    private static final Policies POLICIES = new Policies(
            List.of(
                    new Policies.Rule(
                            new ChannelPattern("bytes/*"),
                            new ChannelPolicy(
                                    Durability.OS,
                                    new Retention(Retention.UNLIMITED, 2L * Packs.TARGET_BYTES, Retention.UNLIMITED),
                                    ChannelPolicy.Creation.EXPLICIT)),
                    rule("short/*", Durability.OS, 100),
                    rule("memory/*", Durability.MEMORY, Retention.UNLIMITED)),
            ChannelPolicy.DEFAULT);

    private static Policies.Rule rule(String match, Durability durability, long messages) {
        Retention retention = new Retention(messages, Retention.UNLIMITED, Retention.UNLIMITED);
        return new Policies.Rule(
                new ChannelPattern(match), new ChannelPolicy(durability, retention, ChannelPolicy.Creation.EXPLICIT));
    }

    @TempDir
    Path folder;

    @TempDir
    Path elsewhere;

    private Store store;
    private Asking ask;

    @BeforeEach
    void open() {
        store = RocksStore.open(folder, POLICIES, StoreLimits.DEFAULT, System::currentTimeMillis);
        ask = new Asking(store);
    }

    private void open(Path where) {
        open(where, POLICIES);
    }

    private void open(Path where, Policies policies) {
        store = RocksStore.open(where, policies, StoreLimits.DEFAULT, System::currentTimeMillis);
        ask = new Asking(store);
    }

    @AfterEach
    void close() {
        store.close();
    }

    /** Message {@code i}, of a length of its own. */
    private static String message(int i) {
        return "m" + i + "." + "x".repeat(MESSAGE_BYTES - i % 100);
    }

    private static String messages(int from, int to) {
        StringBuilder all = new StringBuilder();
        for (int i = from; i < to; i++) all.append(message(i));
        return all.toString();
    }

    private long filled(String name, ContentType type) {
        long id = ask.created(name, type).info().id();
        fill(name, 0, COUNT);
        return id;
    }

    private void fill(String name, int from, int to) {
        for (int i = from; i < to; i += 10) {
            String[] ten = new String[Math.min(10, to - i)];
            for (int j = 0; j < ten.length; j++) ten[j] = message(i + j);
            ask.appended(name, ten);
        }
    }

    /** The finished ones. */
    private static List<Path> packs(Path where) {
        return files(where).stream()
                .filter(file -> !file.toString().endsWith(".new"))
                .toList();
    }

    private static List<Path> files(Path where) {
        try (Stream<Path> files = Files.list(where.resolve("packs"))) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void untilPacks(int least, int most) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            int there = packs(folder).size();
            return there >= least && there <= most;
        });
    }

    private ReadOutcome readOrOpen(long id, long sequence, long through) {
        return Asking.<ReadOutcome>await(
                answer -> store.readOrOpen(new ChannelName("any"), id, sequence, through, 64 * 1024, answer));
    }

    private static String content(Stretch stretch) {
        StringBuilder content = new StringBuilder();
        try (stretch) {
            for (Stretch.Part part : stretch.parts()) {
                ByteBuffer bytes = ByteBuffer.allocate((int) part.length());
                while (bytes.hasRemaining()) {
                    if (part.file().read(bytes, part.position() + bytes.position()) < 0) break;
                }
                content.append(new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII));
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return content.toString();
    }

    private Stretch stretch(long id, long sequence, long through) {
        return ((ReadOutcome.InFile) readOrOpen(id, sequence, through)).stretch();
    }

    @Test
    void aLongLogIsReadFromFilesAndFromBlocksAlike() {
        long id = filled("a", ContentType.BINARY);
        untilPacks(2, 2);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) expected.add(message(i));
        assertThat(ask.all(id, 0, 64 * 1024)).isEqualTo(expected);
        assertThat(ask.all(id, 777, 5_000)).isEqualTo(expected.subList(777, COUNT));

        Stretch whole = stretch(id, 0, COUNT);
        assertThat(whole.firstSequence()).isEqualTo(1);
        assertThat(whole.parts()).hasSize(2);
        Offset last = whole.last();
        long sequence = last.sequence();
        assertThat(content(whole)).isEqualTo(messages(0, (int) sequence));
        assertThat(ask.found("a").info().lineage().contains(last)).isTrue();
        assertThat(readOrOpen(id, sequence, COUNT)).isInstanceOf(ReadOutcome.Messages.class);

        store.close();
        open(folder);
        assertThat(ask.all(id, 0, 1 << 20)).isEqualTo(expected);
    }

    @Test
    void aStretchBeginsAtAnyMessageAndEndsWhereItMay() {
        long id = filled("a", ContentType.BINARY);
        untilPacks(2, 2);
        long end = stretchEnd(id);
        for (int first : new int[] {1, 5, 6, 7, 100, 311}) {
            assertThat(content(stretch(id, first, end))).isEqualTo(messages(first, (int) end));
        }
        Stretch both = stretch(id, 7, COUNT);
        assertThat(both.parts()).hasSize(2);
        assertThat(content(both)).isEqualTo(messages(7, (int) both.last().sequence()));
        assertThat(content(stretch(id, 0, end))).isEqualTo(messages(0, (int) end));
        // what readers may not be shown yet is not shown; what little is left is told in a page
        assertThat(readOrOpen(id, 0, end - 1)).isInstanceOf(ReadOutcome.Messages.class);
        assertThat(readOrOpen(id, end - 3, COUNT)).isInstanceOf(ReadOutcome.Messages.class);
    }

    /** Where the first file ends. */
    private long stretchEnd(long id) {
        long end = COUNT;
        for (Stretch stretch = stretch(id, 0, end); ; stretch = stretch(id, 0, end)) {
            stretch.close();
            if (stretch.parts().size() == 1) return stretch.last().sequence();
            end = stretch.last().sequence() - 1;
        }
    }

    @Test
    void aForkReadsWhatItInheritedFromItsSourcesFiles() {
        long source = filled("a", ContentType.BINARY);
        untilPacks(2, 2);
        long end = stretchEnd(source);
        Offset at = ask.found("a").info().lineage().offsetAt(end + 20);
        ask.create(new Create(
                new ChannelName("fork"),
                null,
                null,
                false,
                Payloads.NONE,
                new Create.Fork(new ChannelName("a"), at, 0),
                null));
        long fork = ask.found("fork").info().id();
        assertThat(content(stretch(fork, 0, end + 20))).isEqualTo(messages(0, (int) end));
        // the second file holds more than the fork inherited
        assertThat(readOrOpen(fork, end, end + 20)).isInstanceOf(ReadOutcome.Messages.class);
        ask.delete("a");
        assertThat(content(stretch(fork, 3, end + 20))).isEqualTo(messages(3, (int) end));
        assertThat(ask.all("fork")).hasSize((int) end + 20);
        ask.delete("fork");
        untilPacks(0, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/json"})
    void whatIsBetterCompressedIsNotPacked(String type) {
        ContentType content = ContentType.of(type);
        long id = ask.created("a", content).info().id();
        Payloads text = Asking.payloads('"' + "x".repeat(MESSAGE_BYTES) + '"');
        for (int i = 0; i < COUNT; i++) {
            assertThat(ask.append(Append.of(new ChannelName("a"), content, text)))
                    .isInstanceOf(AppendOutcome.Appended.class);
        }
        assertThat(readOrOpen(id, 0, COUNT)).isInstanceOf(ReadOutcome.Messages.class);
        assertThat(files(folder)).isEmpty();
    }

    @Test
    void messagesThatNeedNotLastGetNoFiles() {
        long id = filled("memory/a", ContentType.BINARY);
        assertThat(readOrOpen(id, 0, COUNT)).isInstanceOf(ReadOutcome.Messages.class);
        assertThat(files(folder)).isEmpty();
    }

    @Test
    void filesGoWithTheMessages() {
        filled("short/a", ContentType.BINARY);
        filled("long", ContentType.BINARY);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> packs(folder).size() == 2);
        assertThat(ask.all("short/a")).hasSize(100);
        Stretch open = stretch(ask.found("long").info().id(), 0, COUNT);
        ask.delete("long");
        untilPacks(0, 0);
        // who has begun to read it may end
        assertThat(content(open)).isEqualTo(messages(0, (int) open.last().sequence()));
    }

    @Test
    void remainsOfACrashAreClearedAway() throws IOException {
        filled("a", ContentType.BINARY);
        untilPacks(2, 2);
        store.close();
        List<Path> kept = packs(folder);
        Files.writeString(folder.resolve("packs/" + new Packs.Name(7, 9)), "a file that no row tells of");
        Files.writeString(folder.resolve("packs/" + new Packs.Name(7, 10) + ".new"), "one that was not finished");
        open(folder);
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> files(folder)
                .equals(kept));
        assertThat(ask.all("a")).hasSize(COUNT);
    }

    /** The file is there, and the power goes before the rows that tell of it are. */
    @Test
    void aPowerCutBetweenFileAndRowsLosesNothing() throws IOException {
        ask.created("a", ContentType.BINARY);
        int before = (int) (0.9 * Packs.TARGET_BYTES / MESSAGE_BYTES);
        fill("a", 0, before);
        store.close();
        assertThat(files(folder)).isEmpty();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                Path copy = elsewhere.resolve(folder.relativize(file).toString());
                if (Files.isDirectory(file)) Files.createDirectories(copy);
                else Files.copy(file, copy);
            }
        }
        open(folder);
        fill("a", before, COUNT);
        untilPacks(2, 2);
        for (Path pack : packs(folder))
            Files.copy(pack, elsewhere.resolve("packs").resolve(pack.getFileName()));
        store.close();
        open(elsewhere);
        assertThat(ask.all("a")).hasSize(before).last().isEqualTo(message(before - 1));
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> files(elsewhere)
                .isEmpty());
        fill("a", before, COUNT);
        assertThat(ask.all("a")).hasSize(COUNT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gone", "short", "changed"})
    void aDamagedFileIsNoSilentHole(String damage) throws IOException {
        long id = filled("a", ContentType.BINARY);
        untilPacks(2, 2);
        Path first = packs(folder).getFirst();
        switch (damage) {
            case "gone" -> Files.delete(first);
            case "short" -> {
                try (FileChannel file = FileChannel.open(first, StandardOpenOption.WRITE)) {
                    file.truncate(1_000);
                }
            }
            default -> {
                try (FileChannel file = FileChannel.open(first, StandardOpenOption.WRITE)) {
                    file.write(ByteBuffer.wrap(new byte[] {0}), 500);
                }
            }
        }
        assertThat(ask.read(id, 0, 1_000)).isEqualTo(new ReadOutcome.Failed(Failure.DAMAGED));
        assertThat(readOrOpen(id, 0, COUNT)).isEqualTo(new ReadOutcome.Failed(Failure.DAMAGED));
        assertThatThrownBy(() -> ask.all("a")).hasMessageContaining("DAMAGED");
        assertThat(ask.read(id, COUNT - 1, 1_000)).isInstanceOf(ReadOutcome.Messages.class);
        ask.appended("a", "life goes on");
    }

    @Test
    void whatCannotBeReadIsNotTrimmedAndFailsNobody() throws IOException {
        ask.created("bytes/a", ContentType.BINARY);
        int packed = (int) (1.2 * Packs.TARGET_BYTES / MESSAGE_BYTES);
        fill("bytes/a", 0, packed);
        untilPacks(1, 1);
        store.close();
        Files.delete(packs(folder).getFirst());
        open(folder);
        ask.created("other", ContentType.BINARY);
        for (int i = packed; i < COUNT; i += 10) {
            fill("bytes/a", i, i + 10);
            ask.appended("other", "as ever");
        }
        assertThat(ask.found("other").info().lineage().spans()).isEqualTo(1);
    }

    /** As in the middle of trimming: rows of the blocks are gone before that of the pack is. */
    @Test
    void aPackWithoutItsFirstRowsGivesNothingForThem() throws Exception {
        long id = filled("a", ContentType.BINARY);
        untilPacks(2, 2);
        store.close();
        try (Database database = new Database(folder.resolve("data"), false)) {
            database.write("a test", db -> {
                try (RocksIterator rows = db.newIterator(database.reads)) {
                    rows.seek(Keys.id(Keys.SEALED, id));
                    db.delete(rows.key());
                }
                return true;
            });
        }
        open(folder);
        assertThat(readOrOpen(id, 0, COUNT)).isEqualTo(new ReadOutcome.Failed(Failure.DAMAGED));
        assertThat(content(stretch(id, 100, COUNT))).startsWith(message(100));
    }

    @Test
    void aDamagedRowAheadTakesNothingFromThePackBeforeIt() throws Exception {
        long id = filled("a", ContentType.BINARY);
        untilPacks(2, 2);
        long end = stretchEnd(id);
        store.close();
        try (Database database = new Database(folder.resolve("data"), false)) {
            database.write("a test", db -> {
                try (RocksIterator rows = db.newIterator(database.reads)) {
                    rows.seek(Keys.numbers(Keys.PACK, id, end + 1));
                    db.put(rows.key(), new byte[] {1});
                }
                return true;
            });
        }
        open(folder);
        Stretch first = stretch(id, 3, COUNT);
        assertThat(first.last().sequence()).isEqualTo(end);
        assertThat(content(first)).isEqualTo(messages(3, (int) end));
        assertThat(readOrOpen(id, end, COUNT)).isEqualTo(new ReadOutcome.Failed(Failure.DAMAGED));
    }

    @Test
    void filesOpenAheadAreCountedOverAllAnswers() throws Exception {
        long id = filled("a", ContentType.BINARY);
        untilPacks(2, 2);
        store.close();
        Path second = packs(folder).get(1);
        Path away = folder.resolve("packs/away");
        Packs packs = new Packs(folder.resolve("packs"), 1);
        try (Database database = new Database(folder.resolve("data"), false)) {
            Upkeep none = new Upkeep(database, packs, POLICIES, Runnable::run);
            Persistence persistence = new RocksPersistence(database, packs, none, new Persistence.Generations(1, 1));
            // what is not there takes no leave
            Files.move(second, away);
            assertPartsOpen(persistence, id, 1).close();
            Files.move(away, second);

            Stretch both = assertPartsOpen(persistence, id, 2);
            assertPartsOpen(persistence, id, 1).close();
            both.close();
            both.close();
            Stretch again = assertPartsOpen(persistence, id, 2);
            assertPartsOpen(persistence, id, 1).close();
            again.close();
        }
    }

    private static Stretch assertPartsOpen(Persistence persistence, long id, int parts) {
        Stretch stretch = Objects.requireNonNull(persistence.stretch(id, 0, COUNT));
        assertThat(stretch.parts()).hasSize(parts).allMatch(part -> part.file().isOpen());
        return stretch;
    }

    @Test
    void aLongHistoryIsPackedFromThenOn() {
        ask.created("memory/a", ContentType.BINARY);
        int many = (int) (5.2 * Packs.TARGET_BYTES / MESSAGE_BYTES);
        fill("memory/a", 0, many);
        store.close();
        assertThat(files(folder)).isEmpty();
        open(folder, Policies.DEFAULT);
        fill("memory/a", many, many + (int) (1.1 * Packs.TARGET_BYTES / MESSAGE_BYTES));
        untilPacks(5, 6);
        assertThat(ask.read(ask.found("memory/a").info().id(), 0, 1_000)).isInstanceOf(ReadOutcome.Messages.class);
    }
}
