package io.switchboard.core.advice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.switchboard.core.channel.ChannelName;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class SightingsTest {
    private final Sightings sightings = new Sightings(() -> 12_345, 1_000);

    @Test
    void noMoreAreObservedThanMayBe() {
        assertThat(sightings.tick()).isEqualTo(123);
        for (int i = 0; i < 1_000; i++) {
            assertThat(sightings.begin(new ChannelName("c-" + i))).isNotNull();
        }
        assertThat(sightings.isFull()).isTrue();
        assertThat(sightings.begin(new ChannelName("more"))).isNull();
        assertThat(sightings.size()).isEqualTo(1_000);
        assertThat(sightings.list()).hasSize(1_000);
    }

    @Test
    void whatIsForgottenMakesRoom() {
        List<Sighting> all = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            all.add(Objects.requireNonNull(sightings.begin(new ChannelName("c-" + i))));
        }
        for (int i = 0; i < 500; i++) sightings.forget(all.get(2 * i));
        assertThat(sightings.size()).isEqualTo(500);
        assertThat(sightings.list()).hasSize(500);
        for (int i = 0; i < 500; i++)
            assertThatCode(() -> sightings.begin(new ChannelName("new"))).doesNotThrowAnyException();
        assertThat(sightings.size()).isEqualTo(1_000);
        assertThat(sightings.begin(new ChannelName("more"))).isNull();
        assertThat(sightings.list()).doesNotContain(all.get(0)).contains(all.get(1));
    }
}
