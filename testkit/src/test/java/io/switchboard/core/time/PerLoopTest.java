package io.switchboard.core.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.testkit.ManualTicker;
import io.switchboard.testkit.sim.SimLoop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PerLoopTest {
    private static SimLoop newLoop() {
        return new SimLoop(new ManualTicker(0));
    }

    private final List<SimLoop> loops = List.of(newLoop(), newLoop(), newLoop());
    private final PerLoop<List<String>> parts = new PerLoop<>(loops, loop -> new ArrayList<>());

    @Test
    void everyPartOwnsItsShareOfTheKeys() {
        for (int i = 0; i < 3_000; i++) parts.ownerOf("channel-" + i).add("channel-" + i);

        assertThat(parts.all()).allSatisfy(part -> assertThat(part).hasSizeBetween(800, 1_200));
        assertThat(parts.ownerOf("channel-7")).contains("channel-7");
    }

    @Test
    void everyLoopHasAPartOfItsOwn() {
        for (int i = 0; i < loops.size(); i++) {
            assertThat(parts.of(loops.get(i))).isSameAs(parts.all().get(i));
        }
    }

    @Test
    void otherLoopsAreRefused() {
        assertThatThrownBy(() -> parts.of(newLoop())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new PerLoop<>(List.of(), loop -> "")).isInstanceOf(IllegalArgumentException.class);
    }
}
