package io.switchboard.core.channel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExpiryTest {
    @Test
    void anAccessPutsASlidingDeadlineOff() {
        Expiry expiry = new Expiry.Sliding(60);

        assertThat(expiry.deadlineAfter(1_000)).isEqualTo(61_000);
        assertThat(expiry.deadlineAfter(2_000)).isEqualTo(62_000);
        assertThat(new Expiry.Sliding(0).deadlineAfter(5)).isEqualTo(5);
    }

    @Test
    void aMomentStaysWhateverIsAccessed() {
        assertThat(new Expiry.At(500, "1970-01-01T00:00:00.500Z").deadlineAfter(1_000))
                .isEqualTo(500);
    }

    @Test
    void neverAndAlmostNeverAreTheSame() {
        assertThat(new Expiry.Never().deadlineAfter(1_000)).isEqualTo(Long.MAX_VALUE);
        assertThat(new Expiry.Sliding(Long.MAX_VALUE / 1_000).deadlineAfter(1_000))
                .isEqualTo(Long.MAX_VALUE);
        assertThat(new Expiry.Sliding(Long.MAX_VALUE).deadlineAfter(0)).isEqualTo(Long.MAX_VALUE);
    }
}
