package io.switchboard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTest {
    private static final Options DEFAULTS = Options.defaults();

    @Test
    void eachMethodGivesAnotherOneWithTheRestAsItWas() {
        Options changed = DEFAULTS.heartbeat(Duration.ofSeconds(60))
                .pollEvery(Duration.ofMillis(100))
                .transports(List.of(Transport.SSE))
                .publishTimeout(Duration.ofSeconds(1));
        assertThat(changed.heartbeatMillis()).isEqualTo(60_000);
        assertThat(changed.pollEveryMillis()).isEqualTo(100);
        assertThat(changed.transports()).containsExactly(Transport.SSE);
        assertThat(DEFAULTS.heartbeatMillis()).isEqualTo(25_000);
        assertThat(DEFAULTS.pollEveryMillis()).isEqualTo(5_000);
    }

    @Test
    void takesNoTimesThatCannotBeMeant() {
        for (Duration wrong :
                List.of(Duration.ZERO, Duration.ofMillis(99), Duration.ofMinutes(61), Duration.ofDays(-1))) {
            assertThatThrownBy(() -> DEFAULTS.heartbeat(wrong)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> DEFAULTS.pollEvery(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> DEFAULTS.transports(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> DEFAULTS.publishTimeout(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }
}
