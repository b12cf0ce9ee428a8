package io.switchboard.core.presence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What presence promises holds in any order of events. A seed that fails is printed with the command that
 * replays it alone.
 */
class PresenceSimulationTest {
    private static final int FAILURES_MAX = 5;

    private static final int NODES = 3;

    @Test
    void everyPictureIsTheTruthInAFewWorlds() {
        Long seed = Long.getLong("sim.seed");
        if (seed != null) assertThat(failures(1, seed, seed + 1)).isEmpty();
        else assertThat(failures(1, 0, 100)).isEmpty();
    }

    @Test
    @Tag("slow")
    void everyPictureIsTheTruthInManyWorlds() {
        if (Long.getLong("sim.seed") != null) return;
        assertThat(failures(1, 100, 100 + Long.getLong("sim.seeds", 5_000L))).isEmpty();
    }

    @Test
    void ofSeveralNodesEachHasTheSamePicture() {
        Long seed = Long.getLong("sim.seed");
        if (seed != null) assertThat(failures(NODES, seed, seed + 1)).isEmpty();
        else assertThat(failures(NODES, 0, 12)).isEmpty();
    }

    @Test
    @Tag("slow")
    void ofSeveralNodesEachHasTheSamePictureInManyWorlds() {
        if (Long.getLong("sim.seed") != null) return;
        assertThat(failures(NODES, 12, 12 + Long.getLong("sim.seeds", 120L))).isEmpty();
    }

    private static List<String> failures(int nodes, long fromSeed, long toSeed) {
        List<String> failures = new ArrayList<>();
        for (long seed = fromSeed; seed < toSeed && failures.size() < FAILURES_MAX; seed++) {
            List<String> complaints;
            try {
                complaints = new PresenceSimulation(seed, nodes).run();
            } catch (RuntimeException | AssertionError e) {
                complaints = List.of(e + " at " + List.of(e.getStackTrace()));
            }
            if (!complaints.isEmpty()) {
                failures.add("\nseed " + seed + " of " + nodes + " nodes"
                        + ", replay with: mvn -q -pl testkit -am test -Dtest=PresenceSimulationTest -Dsim.seed=" + seed
                        + " -Dsurefire.failIfNoSpecifiedTests=false\n  " + String.join("\n  ", complaints));
            }
        }
        return failures;
    }
}
