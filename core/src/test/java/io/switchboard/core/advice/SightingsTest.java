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

    @Test
    void aHundredThousandChannelsAreAdvised() {
        Sightings many = new Sightings(() -> 0, Sightings.CHANNELS_MAX);
        for (int i = 0; i <= Sightings.CHANNELS_MAX; i++) {
            Sighting sighting = many.begin(new ChannelName("c-" + i));
            if (i == Sightings.CHANNELS_MAX) assertThat(sighting).isNull();
            else if (sighting != null) seeAQuarterOfAnHour(sighting);
        }
        Rules rules = new Rules(Evidence.shipped().prices(), new Terms(20, 60, true));
        Survey survey = new Survey(10);
        for (Sighting sighting : many.list()) survey.add(rules.advise(sighting.traffic(9_000)));
        assertThat(survey.channels()).isEqualTo(Sightings.CHANNELS_MAX);
        assertThat(survey.channels(Advice.Kind.MOVE)).isEqualTo(Sightings.CHANNELS_MAX);
        assertThat(survey.then().requestsPerHour()).isZero();
        assertThat(survey.now().requestsPerHour()).isGreaterThan(1_000.0 * Sightings.CHANNELS_MAX);
        assertThat(survey.most()).hasSize(10);
    }

    // Three who poll, and now and then ten messages.
    private static void seeAQuarterOfAnHour(Sighting sighting) {
        for (int tick = 150; tick <= 9_000; tick += 1_500) {
            sighting.appended(tick, false, 10, 1_000);
            for (int i = 0; i < 60; i++) sighting.polled(tick, i < 3 ? 10 : 0);
        }
    }
}
