package io.switchboard.core.advice;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.ChannelName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What was measured, and what the rules make of it: neither changes without the other. */
class EvidenceTest {
    private static final String AGAIN =
            "a rule, or what is reckoned with, has changed: run benchmarks/when/evidence, look at what it wrote, and set"
                    + " Rules.CALIBRATED_WITH to %s";
    private static final double CPU_FACTOR =
            1.35; // a wake-up serves more readers where there are more: what one costs depends on how many
    private static final double MICROS_TELLING = 15_000; // in a second; less is not told from what else a server does
    private static final double BYTES_FACTOR = 1.15;
    private static final int SECONDS = 1_000;

    private final Evidence evidence = Evidence.shipped();

    @Test
    void theRulesStandOnThisEvidence() {
        assertThat(Rules.CALIBRATED_WITH).as(AGAIN, evidence.digest()).isEqualTo(evidence.digest());
    }

    @Test
    void theEvidenceIsOfTheseRules() throws Exception {
        assertThat(evidence.rules()).as(AGAIN, "its digest").isEqualTo(digestOfRules());
    }

    // As benchmarks/when/evidence does.
    private static String digestOfRules() throws Exception {
        StringBuilder code = new StringBuilder();
        for (String name : List.of("Rules.java", "Cost.java", "Sighting.java")) code.append(source(name));
        String bare = code.toString()
                .replaceAll("(?s)/\\*.*?\\*/|//[^\\n]*|(?m:^import[^\\n]*$)|CALIBRATED_WITH = \"[^\"]*\"|\\s", "");
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(bare.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(hash, 0, 6);
    }

    private static String source(String name) throws IOException {
        Path here = Path.of("").toAbsolutePath();
        Path root = Files.isDirectory(here.resolve("core")) ? here : here.resolve("..");
        return Files.readString(root.resolve("core/src/main/java/io/switchboard/core/advice/" + name));
    }

    private static Traffic traffic(Evidence.Case run) {
        double messages = run.messagesPerSecond() * SECONDS;
        boolean polls = run.transport() == Transport.POLL;
        boolean waits = run.transport() == Transport.LONG_POLL;
        return new Traffic(
                new ChannelName("case"),
                SECONDS,
                messages,
                0,
                messages,
                messages,
                run.messageBytes(),
                run.messageBytes(),
                polls ? run.readers() * SECONDS / run.everySeconds() : 0,
                0,
                polls ? messages * run.readers() : 0,
                waits ? messages * run.readers() : 0,
                0,
                0,
                run.transport() == Transport.SSE ? run.readers() : 0,
                run.transport() == Transport.WEBSOCKET ? run.readers() : 0,
                0,
                0);
    }

    private Rules rules() {
        return new Rules(evidence.prices(), new Terms(20, 60, true));
    }

    @Test
    void whatTheRulesReckonIsWhatWasMeasured() {
        assertThat(evidence.cases()).hasSizeGreaterThanOrEqualTo(7);
        for (Evidence.Case run : evidence.cases()) {
            Cost cost = rules().reading(traffic(run), run.transport(), run.readers(), run.everySeconds(), 0);
            assertThat(cost.bytesPerHour() / 3_600)
                    .as("bytes a second of %s", run)
                    .isBetween(run.bytesPerSecond() / BYTES_FACTOR, run.bytesPerSecond() * BYTES_FACTOR);
            double micros = cost.cpuSecondsPerHour() / 3_600 * 1e6;
            if (Math.max(micros, run.micros()) > MICROS_TELLING) {
                assertThat(micros)
                        .as("processor time of %s", run)
                        .isBetween(run.micros() / CPU_FACTOR, run.micros() * CPU_FACTOR);
            }
        }
    }

    @Test
    void whatIsAdvisedToThoseWhoPollWasMeasuredToBeCheaper() {
        List<Map<Transport, Evidence.Case>> workloads = workloads();
        assertThat(workloads).hasSize(2);
        for (Map<Transport, Evidence.Case> workload : workloads) {
            for (Evidence.Case run : workload.values()) {
                Advice advice = rules().advise(traffic(run));
                Transport to = advice.transport();
                assertThat(to).as("%s", run).isNotNull();
                Evidence.Case advised = workload.get(to);
                if (advice.kind() != Advice.Kind.MOVE || advised == null) continue;
                assertThat(advised.bytesPerSecond())
                        .as("%s, advised %s", run, to)
                        .isLessThan(run.bytesPerSecond());
                if (run.micros() > MICROS_TELLING) {
                    assertThat(advised.micros()).as("%s, advised %s", run, to).isLessThan(run.micros());
                }
            }
        }
    }

    private List<Map<Transport, Evidence.Case>> workloads() {
        List<Map<Transport, Evidence.Case>> workloads = new ArrayList<>();
        for (Evidence.Case run : evidence.cases()) {
            if (run.transport() == Transport.POLL) workloads.add(new EnumMap<>(Transport.class));
            workloads.getLast().put(run.transport(), run);
        }
        return workloads;
    }

    @Test
    void aDigestIsOfAllThatItHolds() {
        assertThat(evidence.digest())
                .matches("[0-9a-f]{12}")
                .isEqualTo(Evidence.shipped().digest());
        assertThat(evidence.origin()).contains("processors");
    }
}
