package io.switchboard.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RedisSettingsTest {
    private static final String SECRET = "open-sesame";

    private static RedisSettings of(List<String> uris) {
        return new RedisSettings(uris, null, null, null, null, "sw", RedisSettings.TIMEOUT, RedisSettings.TIMEOUT, 0);
    }

    @Test
    void settingsSayWhatIsWrongWithThemAndRepeatNoPassword() {
        for (String uri : List.of(
                "redis://user:" + SECRET + "@localhost",
                "redis://:" + SECRET + "@localhost:6379",
                "http://localhost",
                "localhost:6379",
                "redis://",
                "redis://localhost/first",
                "redis://localhost?timeout=1",
                "not a uri " + SECRET)) {
            assertThatThrownBy(() -> RedisSettings.of(uri))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("The URI of a Redis server")
                    .satisfies(thrown ->
                            assertThat(thrown).hasMessageNotContaining(SECRET).hasMessageEndingWith("."));
        }
        assertThatThrownBy(() -> of(List.of())).hasMessageContaining("one URI");
        Duration second = Duration.ofSeconds(1);
        List<String> uris = List.of("rediss://localhost:6380/3");
        assertThatThrownBy(() -> of(List.of("redis://a/1", "redis://b")))
                .hasMessageContaining("differ in host and port only");
        assertThatThrownBy(() -> new RedisSettings(uris, null, null, null, null, "a{b}", second, second, 0))
                .hasMessageContaining("prefix");
        assertThatThrownBy(() -> new RedisSettings(uris, null, "user", null, null, "sw", second, second, 0))
                .hasMessageContaining("password");
        assertThatThrownBy(() -> new RedisSettings(uris, null, null, null, null, "sw", second, Duration.ZERO, 0))
                .hasMessageContaining("1 ms");
        assertThatThrownBy(() -> RedisSettings.of("redis://a").waitingFor(11)).hasMessageContaining("0 to 10 replicas");
    }
}
