package io.switchboard.bench.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class WishTest {
    private static final String LINE =
            "relay=on delay=100 loss=2.5 strip=off plug=on viewers=7 carrier=long-poll poll=250 channel=a/b=c";

    @Test
    void aLineSaysAllOfIt() {
        assertThat(Wish.parse(LINE))
                .isEqualTo(new Wish(
                        true,
                        new Conditions(100, 2.5, false, true),
                        new Crowd(Carrier.LONG_POLL, 7, 250, "a/b=c", null)));
        assertThat(Wish.parse(LINE + " token=x.y=").crowd().token()).isEqualTo("x.y=");
    }

    @Test
    void noTokenIsShown() {
        assertThat(Wish.parse(LINE + " token=secret").toString()).doesNotContain("secret");
    }

    @Test
    void whatDoesNotFitIsRefused() {
        for (String line : new String[] {
            "",
            "relay=on",
            LINE.replace("viewers=7", "viewers=-1"),
            LINE.replace("loss=2.5", "loss=100"),
            LINE.replace("long-poll", "pigeon"),
            LINE.replace("poll=250", "poll=0")
        }) {
            assertThatThrownBy(() -> Wish.parse(line)).as(line).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
