package io.switchboard.testkit.sim;

import static io.switchboard.core.channel.Retention.UNLIMITED;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.Retention;
import org.junit.jupiter.api.Test;

class KeptMessagesTest {
    // Message n has n bytes and is committed at n seconds.
    private static KeptMessages five(Retention retention) {
        KeptMessages kept = new KeptMessages(retention);
        for (int n = 1; n <= 5; n++) kept.committed(n, n, 1_000L * n);
        return kept;
    }

    @Test
    void withoutLimitsNothingGoes() {
        assertThat(five(Retention.FOREVER).goneThrough(Long.MAX_VALUE / 2)).isZero();
        assertThat(new KeptMessages(new Retention(1, 1, 1)).goneThrough(9_000)).isZero();
    }

    @Test
    void theNewestMessagesStay() {
        assertThat(five(new Retention(2, UNLIMITED, UNLIMITED)).goneThrough(5_000))
                .isEqualTo(3);
        assertThat(five(new Retention(5, UNLIMITED, UNLIMITED)).goneThrough(5_000))
                .isZero();
    }

    @Test
    void theNewestBytesStay() {
        assertThat(five(new Retention(UNLIMITED, 5, UNLIMITED)).goneThrough(5_000))
                .isEqualTo(4);
        assertThat(five(new Retention(UNLIMITED, 6, UNLIMITED)).goneThrough(5_000))
                .as("5 bytes are not 6")
                .isEqualTo(3);
    }

    @Test
    void whatIsYoungStays() {
        KeptMessages kept = five(new Retention(UNLIMITED, UNLIMITED, 1_000));
        assertThat(kept.goneThrough(4_000)).isEqualTo(2);
        assertThat(kept.goneThrough(4_001)).isEqualTo(3);
    }

    @Test
    void theNewestMessageStaysWhateverTheLimits() {
        assertThat(five(new Retention(1, 1, 1)).goneThrough(1_000_000)).isEqualTo(4);
    }

    @Test
    void whatACrashTookCountsForNothing() {
        KeptMessages kept = five(new Retention(2, 5, UNLIMITED));
        kept.cutBehind(3);
        assertThat(kept.goneThrough(5_000)).isEqualTo(1);
        kept.committed(4, 100, 5_000);
        assertThat(kept.goneThrough(5_000)).isEqualTo(3);
    }
}
