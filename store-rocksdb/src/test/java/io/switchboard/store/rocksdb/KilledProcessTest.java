package io.switchboard.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.core.channel.Offset;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Found;
import io.switchboard.core.store.Store;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.testkit.store.Asking;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed in the middle of its work, again and again, on one folder. */
@Tag("slow")
class KilledProcessTest {
    private static final int ROUNDS = 3;
    private static final int ACKNOWLEDGED_A_ROUND = 6_000;

    @TempDir
    Path folder;

    private static Process writer(Path folder, int epoch) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CrashingWriter.class.getName(),
                        folder.toString(),
                        Integer.toString(epoch))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private Store open() {
        return RocksStore.open(folder, CrashingWriter.POLICIES, StoreLimits.DEFAULT, System::currentTimeMillis);
    }

    @Test
    void whatWasAcknowledgedOutlivesAKilledProcess() throws Exception {
        Map<String, List<String>> acknowledged = new HashMap<>();
        Map<String, Offset> lastTails = new HashMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            Process writer = writer(folder, round);
            try (BufferedReader lines = writer.inputReader()) {
                int read = 0;
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    int space = line.indexOf(' ');
                    if (space < 0 || !line.endsWith(line.strip())) continue;
                    if (line.chars().filter(c -> c == ':').count() != 2) continue;
                    acknowledged
                            .computeIfAbsent(line.substring(0, space), channel -> new ArrayList<>())
                            .add(line.substring(space + 1));
                    if (++read == ACKNOWLEDGED_A_ROUND) {
                        // while it runs, the folder is its own
                        assertThatThrownBy(this::open)
                                .isInstanceOf(FolderException.class)
                                .hasMessageContaining("in use by a running Switchboard");
                        writer.toHandle().destroyForcibly(); // leaves its output to be read to the end
                    }
                }
            }
            writer.waitFor();
            assertThat(acknowledged).as("acknowledged in round " + round).isNotEmpty();
            try (Store store = open()) {
                check(new Asking(store), round, acknowledged, lastTails);
            }
        }
    }

    private static void check(
            Asking ask, int round, Map<String, List<String>> acknowledged, Map<String, Offset> lastTails) {
        for (String channel : CrashingWriter.CHANNELS) {
            List<String> there = ask.all(channel);
            Set<String> distinct = new HashSet<>(there);
            assertThat(distinct).as("no message twice in " + channel).hasSameSizeAs(there);
            assertThat(there)
                    .as("nothing acknowledged is lost from " + channel)
                    .containsAll(acknowledged.getOrDefault(channel, List.of()));
            Map<String, Long> highest = new HashMap<>();
            for (String message : there) {
                String[] parts = message.split(":", -1);
                String producerAndEpoch = parts[0] + ":" + parts[1];
                long number = Long.parseLong(parts[2]);
                assertThat(number)
                        .as("order of " + producerAndEpoch + " in " + channel)
                        .isEqualTo(highest.getOrDefault(producerAndEpoch, -1L) + 1);
                highest.put(producerAndEpoch, number);
            }
            for (int p = 0; p < CrashingWriter.PRODUCERS; p++) {
                Long last = highest.get("p" + p + ":" + round);
                if (last == null) continue;
                // what the producer sends again because it heard nothing is no second message
                assertThat(ask.produced(channel, "p" + p, round, last, "again"))
                        .isInstanceOf(AppendOutcome.Duplicate.class);
                assertThat(ask.produced(channel, "p" + p, round, last + 2, "too far"))
                        .isEqualTo(new AppendOutcome.SequenceGap(last + 1, last + 2));
            }
            Found found = ask.found(channel);
            Offset before = lastTails.get(channel);
            if (before != null)
                assertThat(found.info().lineage().contains(before)).isTrue();
            Offset next = ask.produced(channel, "checker", round, 0, "c" + round + ":0:0")
                            instanceof AppendOutcome.Appended appended
                    ? appended.offset()
                    : Offset.ZERO;
            assertThat(next.generation()).isGreaterThan(found.tail().offset().generation());
            lastTails.put(channel, next);
        }
    }
}
