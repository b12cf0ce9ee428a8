package io.switchboard.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisCommandExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RedirectTest {
    private static final Place FROM = new Place("10.0.0.1", 7000);

    private static @Nullable Redirect of(String told) {
        return Redirect.of(new RedisCommandExecutionException(told), FROM);
    }

    @Test
    void saysWhereAndWhetherOnce() {
        assertThat(of("MOVED 3999 10.0.0.2:7001")).isEqualTo(new Redirect(false, 3999, new Place("10.0.0.2", 7001)));
        assertThat(of("ASK 3999 10.0.0.2:7001")).isEqualTo(new Redirect(true, 3999, new Place("10.0.0.2", 7001)));
        assertThat(of("MOVED 0 fd00::2:7001")).isEqualTo(new Redirect(false, 0, new Place("fd00::2", 7001)));
    }

    @Test
    void whoKnowsNoHostMeansTheOneThatWasAsked() {
        assertThat(of("MOVED 3999 :7001")).isEqualTo(new Redirect(false, 3999, new Place("10.0.0.1", 7001)));
        assertThat(of("ASK 3999 ?:7001")).isEqualTo(new Redirect(true, 3999, new Place("10.0.0.1", 7001)));
    }

    @Test
    void anythingElseIsNone() {
        for (String told :
                new String[] {"MOVED", "MOVED x 10.0.0.2:7001", "MOVED 16384 a:1", "ASK 1 a", "ASK 1 a:b", "ERR no"}) {
            assertThat(of(told)).as(told).isNull();
        }
        assertThat(Redirect.of(new IllegalStateException("MOVED 1 a:1"), FROM)).isNull();
    }
}
